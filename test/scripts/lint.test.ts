/** The linter's own rule: what is looked up by a name from outside has no prototype to answer for it. */
import path from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: root });
const HEAD =
  "import { table, type Table } from '../contract/table.ts';\nexport declare const users: Record<string, number>;\nexport declare const boxes: Table<number>;\nexport declare const name: string;\nexport { table };\n";

/** What the rule says about a line of the engine. */
async function saidOf(line: string): Promise<string[]> {
  const [{ messages }] = (await eslint.lintText(`${HEAD}${line}\n`, {
    filePath: path.join(root, 'src/engine/hosts.ts'),
  })) as [ESLint.LintResult];
  return messages.filter(({ ruleId }) => ruleId === 'lab/no-bare-lookup').map(({ message }) => message.slice(0, 20));
}

describe('a bare look-up', { timeout: 120_000 }, () => {
  it.each([
    'export const a = users[name];',
    'users[name] = 1;',
    'users[name] ??= 1;',
    'delete users[name];',
    'export const a = name in users;',
    'export const a = (users as Partial<Record<string, number>>)[name];',
    'export const a = (given: Record<string, () => void> | undefined): void => given?.[name]?.();',
  ])('%s', async (line) => expect(await saidOf(line)).toEqual(['A name from outside ']));

  it('a table that is spread out is none', async () =>
    expect(await saidOf('export const a: Table<number> = { ...boxes };')).toEqual(['Spread out, a table ']));

  it.each([
    'export const a = boxes[name];',
    'boxes[name] ??= 1;',
    'export const a = name in boxes;',
    "export const a = users['carol'];",
    'export const a = [1, 2][Number(name)];',
    'export const a = new Map([[name, 1]]).get(name);',
    "export const a = (key: 'x' | 'y'): number => ({ x: 1, y: 2 })[key];",
    'export const a = table(boxes);',
  ])('is not: %s', async (line) => expect(await saidOf(line)).toEqual([]));
});
