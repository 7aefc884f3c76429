/**
 * Golden reports, byte for byte. Nothing is masked: every input is fixed. After a change that is meant,
 * write them anew with `GOLDEN=write npx vitest run test/engine/dsn` and read the difference.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeReport } from '../../../src/engine/dsn/index.ts';
import { cases } from './cases.ts';

const folder = new URL('./golden/', import.meta.url);

describe('golden reports', () => {
  for (const [name, input] of Object.entries(cases)) {
    it(name, () => {
      const file = new URL(`${name}.eml`, folder);
      const { bytes } = makeReport(input);
      if (process.env.GOLDEN === 'write') writeFileSync(file, bytes);
      expect(bytes.toString()).toBe(readFileSync(file).toString());
    });
  }

  it('has no file that no case makes', () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(cases)
        .map((name) => `${name}.eml`)
        .sort(),
    );
  });
});
