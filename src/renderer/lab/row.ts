/** A row of the event list, as data. Types only. */
import type { HostKey, Instant } from '../../contract/model.ts';

export type Meaning = 'arrived' | 'waiting' | 'failed' | 'blocked' | 'act' | 'neutral' | 'moving';
export type RowKind = 'DNS' | 'Connect' | 'SMTP' | 'Queue' | 'DSN' | 'Disk' | 'Rule' | 'Person' | 'Lab';

export interface EventRow {
  n: number;
  at: Instant;
  kind: RowKind;
  meaning: Meaning;
  /** Letter of a host, a name, or ''. */
  from: string;
  target: string;
  text: string;
  mail: string | null;
  /** Hosts that it is about. */
  hosts: HostKey[];
  /** Events of the same sort have the same; in words: `AAAA answers`. */
  like: string;
}

/** What a row says; `like` is filled in from the kind of event where it is left out. */
export interface RowWords {
  kind: RowKind;
  meaning: Meaning;
  from: string;
  target: string;
  text: string;
  like?: string;
}
