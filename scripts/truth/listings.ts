/** Reads queue listings, `mailq` and `postqueue -j`, into items; messages in no order, as a directory has none. */
import { plain, type Item } from './words.ts';

/** To the space, but for ids, sizes and times. */
export function mailqItems(text: string): Item[] {
  const blocks = text
    .trimEnd()
    .split('\n\n')
    .map((block) => block.split('\n'));
  const head = blocks[0]?.shift() ?? '';
  const foot = blocks.pop()?.join('\n') ?? '';
  const entries = blocks
    .map((lines) => byRcpt(lines.map(plainLine)))
    .sort((one, other) => (one.join() < other.join() ? -1 : 1));
  return [
    { key: 'head', value: head },
    ...entries.flatMap((lines, index) =>
      lines.map((line, place) => ({ key: `entry ${index + 1} line ${place + 1}`, value: line })),
    ),
    { key: 'foot', value: foot.replace(/\d+ Kbytes/, 'N Kbytes') },
  ];
}

/** Recipients with the reason above them, if there is one, in one order. */
function byRcpt([first = '', ...rest]: string[]): string[] {
  const groups: string[][] = [];
  for (const line of rest) {
    if (/^ *\(/.test(line) || groups.length === 0) groups.push([]);
    groups.at(-1)!.push(line);
  }
  return [first, ...groups.sort((one, other) => (one.at(-1)! < other.at(-1)! ? -1 : 1)).flat()];
}

function plainLine(line: string): string {
  return line.replace(/^[0-9A-F]{10,12} *([*!]?) +\d+ \w{3} \w{3} [ \d]\d [\d:]{8} {2}/, 'ID$1 SIZE TIME  ');
}

/** Names and values of the fields, in their order. */
export function jsonItems(text: string): Item[] {
  const entries = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => fieldsOf(JSON.parse(line) as Record<string, unknown>));
  return entries
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
    .flatMap((items, index) => items.map(({ key, value }) => ({ key: `entry ${index + 1} ${key}`, value })));
}

function fieldsOf(entry: Record<string, unknown>): Item[] {
  const numbers = ['arrival_time', 'message_size'];
  return Object.entries(entry).map(([key, value]) => ({
    key,
    value: numbers.includes(key) ? typeof value : plain(JSON.stringify(value)),
  }));
}
