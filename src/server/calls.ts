/** Every call of a page is checked here before it is run. What it asks of a lab is checked again by the lab. */
import * as z from 'zod';
import type { PageApi } from '../contract/page-api.ts';
import { LAB_FILE_BYTES_MAX } from '../contract/sizes.ts';

const id = z.string().min(1).max(64);
const folder = z.string().min(1).max(256);
const ARGUMENTS: Record<keyof PageApi, z.ZodType> = {
  labs: z.tuple([]),
  worlds: z.tuple([]),
  open: z.tuple([z.string().min(1).max(128)]),
  openText: z.tuple([
    z.string().min(1).max(256),
    z.string().max(LAB_FILE_BYTES_MAX, `is larger than ${LAB_FILE_BYTES_MAX / 1e6} MB, the limit for a lab file`),
  ]),
  branch: z.tuple([id, z.number().int().min(0)]),
  close: z.tuple([id]),
  remember: z.tuple([id, z.string().max(100_000)]),
  kept: z.tuple([]),
  reopen: z.tuple([folder]),
  forget: z.tuple([folder]),
  ask: z.tuple([id, z.string().min(1).max(64), z.array(z.unknown()).max(8)]),
};

export const PAGE_CALLS = Object.keys(ARGUMENTS) as (keyof PageApi)[];

/** Throws when a call's arguments are not what the contract says. */
export function checkPageCall(name: string, args: unknown[]): void {
  const parsed = ARGUMENTS[name as keyof PageApi].safeParse(args);
  if (!parsed.success)
    throw new Error(
      `${name}: ${parsed.error.issues.map((issue) => `argument ${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
}
