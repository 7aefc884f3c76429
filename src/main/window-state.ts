/** Where the window stood, kept in a file; and where it may stand on the screens that there are now. */
import fs from 'node:fs';
import * as z from 'zod';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowState extends Box {
  maximized: boolean;
}

export const MIN_SIZE = { width: 1024, height: 700 };
const FIRST_SIZE = { width: 1280, height: 800 };
/** So much of a window must be on a screen to be taken hold of. */
const GRIP_PX = 120;

const size = z.number().int().min(1).max(100_000);
const place = z.number().int().min(-100_000).max(100_000);
const stateSchema = z.object({ x: place, y: place, width: size, height: size, maximized: z.boolean() });

/** What the file holds, or null: none, or one that nobody can read. */
export function readState(file: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function writeState(file: string, state: WindowState): void {
  fs.writeFileSync(file, JSON.stringify(state));
}

/** A place within `screens` (their work areas, the main one first): the saved one where it is still in sight, else the middle. */
export function fitState(saved: WindowState | null, screens: Box[]): WindowState {
  const main = screens[0] ?? { x: 0, y: 0, ...FIRST_SIZE };
  const home = saved === null ? undefined : screens.find((screen) => inSight(saved, screen));
  const area = home ?? main;
  const width = Math.min(
    Math.max(saved?.width ?? FIRST_SIZE.width, MIN_SIZE.width),
    Math.max(area.width, MIN_SIZE.width),
  );
  const height = Math.min(
    Math.max(saved?.height ?? FIRST_SIZE.height, MIN_SIZE.height),
    Math.max(area.height, MIN_SIZE.height),
  );
  if (saved !== null && home !== undefined) return { ...saved, width, height };
  return {
    x: Math.round(area.x + Math.max(0, area.width - width) / 2),
    y: Math.round(area.y + Math.max(0, area.height - height) / 2),
    width,
    height,
    maximized: saved?.maximized ?? false,
  };
}

/** Its title bar can be reached. */
function inSight(box: Box, screen: Box): boolean {
  const shown = Math.min(box.x + box.width, screen.x + screen.width) - Math.max(box.x, screen.x);
  return shown >= GRIP_PX && box.y >= screen.y - 8 && box.y <= screen.y + screen.height - GRIP_PX;
}
