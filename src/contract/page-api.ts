/**
 * What a page (the window's or a browser's) asks of the program behind it: which labs there are, which worlds are
 * open, and calls to the lab of a world. A world is a living lab; a branch is a world of its own, with a parent.
 */
import type { LabEvent } from './events.ts';
import type { Instant } from './instant.ts';
import type { ClockStatus, LabApi, PortInfo } from './lab-api.ts';

export interface LabCard {
  /** Name for opening it: `relay-through-firewall`. */
  id: string;
  title: string;
  shows: string;
  variantOf: string | null;
}

export interface WorldInfo {
  id: string;
  /** Id of the lab, or the name of its file. */
  lab: string;
  title: string;
  /** Folder in which it lives. */
  dir: string;
  /** The world and event from which it branched off, or null. */
  parent: { world: string; n: number } | null;
  ports: PortInfo[];
  /** What a page wrote down about it, for whoever shows it next; null: nothing. */
  memory: string | null;
}

/** A lab that was closed and lies in its folder: it can be gone on with. */
export interface KeptLab {
  /** Name of its folder. */
  id: string;
  /** Id of the lab, or the name of its file. */
  lab: string;
  title: string;
  branch: boolean;
  /** Where its clock stood; null when its program was killed. */
  at: Instant | null;
  /** When it was left, real time: ms since 1970. */
  leftAt: number;
}

export interface PageApi {
  labs(): Promise<LabCard[]>;
  worlds(): Promise<WorldInfo[]>;
  /** Open a lab of the course, in a new folder. Returns the world. */
  open(lab: string): Promise<WorldInfo>;
  /** Open a lab file that a person brought. Rejects with all its errors. */
  openText(file: string, text: string): Promise<WorldInfo>;
  /** Go on from event `n` of a world: a new world, whose clock stands there. */
  branch(world: string, n: number): Promise<WorldInfo>;
  /** End a world. Its folder stays and is among `kept`, unless nothing had happened in it. */
  close(world: string): Promise<void>;
  /** Write something down about a world: it is kept with it. */
  remember(world: string, memory: string): Promise<void>;
  /** Labs that were closed, the one left last first. */
  kept(): Promise<KeptLab[]>;
  /** Go on with one of them where it stood; its clock stands. */
  reopen(kept: string): Promise<WorldInfo>;
  /** Delete one of them for good. */
  forget(kept: string): Promise<void>;
  /** A call of LabApi to one world. */
  ask<Name extends keyof LabApi>(
    world: string,
    name: Name,
    args: Parameters<LabApi[Name]>,
  ): Promise<Awaited<ReturnType<LabApi[Name]>>>;
}

export interface PageNews {
  worlds(list: WorldInfo[]): void;
  events(world: string, batch: LabEvent[]): void;
  clock(world: string, status: ClockStatus): void;
  trouble(message: string): void;
}

/** What the menu can ask of the page. The page does it as if its own control had been pressed. */
export type Command =
  'send' | 'play-pause' | 'back' | 'forward' | 'now' | 'bench' | 'queue' | 'knew' | 'worlds' | 'licenses';

/** What the window's program tells its page beside the news of the labs. A browser's page never hears it. */
export interface WindowNews extends Pick<PageNews, 'trouble'> {
  /** Show this world. */
  show(world: string): void;
  /** A mail from a file, to be sent: one character for each byte. */
  mailFile(name: string, bytes: string): void;
  command(name: Command): void;
}
