/** Values of options, checked where they come in. */
import { isPace, PACE_WORDS } from '../contract/instant.ts';
import type { Pace } from '../engine/clock/driver.ts';
import { UserError } from './failure.ts';

const SEED_MAX = 2 ** 32 - 1;

export function paceOf(text: string): Pace {
  if (text === 'max') return 'max';
  const value = Number(text.replace(/[x×]$/, ''));
  if (text.trim() === '' || !isPace(value)) throw new UserError(`--pace ${text}: ${PACE_WORDS}`);
  return value;
}

export function seedOf(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > SEED_MAX)
    throw new UserError(`--seed ${text}: write a whole number from 0 to ${SEED_MAX}`);
  return value;
}

export function salvageOf({ dir, salvage = false }: { dir?: string; salvage?: boolean }): boolean {
  if (salvage && dir === undefined) throw new UserError('--salvage needs --dir with the folder of the damaged lab');
  return salvage;
}

/** Ports up to 53 above the base are used: see ports.ts. */
export function portBaseOf(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1024 || value > 65_000)
    throw new UserError(`--port-base ${text}: write a number from 1024 to 65000, such as 2500`);
  return value;
}
