/** Where in a lab file something is wrong: paths, and lines within text blocks, as lines and columns of the file. */
import {
  LineCounter,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import type { z } from 'zod';
import { shown } from './schema-values.ts';
import { commaWords, cutByComment, signs, yamlWords } from './yaml-words.ts';
import { table } from '../../contract/table.ts';
import { keyTroubles, nestingTrouble } from './yaml-shape.ts';

export interface FileError {
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** Where in the file's tree: `hosts.a.retry`; '' for the whole file. */
  path: string;
  /** What is wrong, and what to write instead. */
  message: string;
}

export type Path = readonly PropertyKey[];

/** A file's tree with its positions, and the problems found in it so far. */
export class LabText {
  readonly errors: FileError[] = [];
  /** What may be meant so, and seldom is. */
  readonly notes: FileError[] = [];
  readonly value: unknown;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #text: string;
  /** What stands in each list, by place and words. */
  readonly #said = new Map<FileError[], Set<string>>([
    [this.errors, new Set()],
    [this.notes, new Set()],
  ]);

  constructor(text: string) {
    this.#text = text;
    const deep = nestingTrouble(text);
    // Keys that stand twice are looked for here: the library compares each with all before it.
    this.#document = parseDocument(deep === null ? text : '', {
      lineCounter: this.#lines,
      prettyErrors: false,
      strict: true,
      uniqueKeys: false,
      logLevel: 'error',
    });
    if (deep !== null)
      this.#push(
        placeIn(text, deep),
        [],
        'this is nested deeper than any lab needs: close what was opened before, or use fewer levels',
      );
    const lines = new Set<number>();
    for (const { code, message, pos } of this.#document.errors) {
      if (this.#isFull) break;
      const at = this.#at(pos[0]);
      // One mistake makes the rest of its line unreadable.
      if (!lines.has(at.line)) this.#push(at, [], yamlWords({ code, message, at: pos[0] }, text));
      lines.add(at.line);
    }
    if (this.errors.length === 0)
      for (const { offset, key, trouble } of keyTroubles(this.#document))
        this.#push(this.#at(offset), [key], KEY_WORDS[trouble]);
    if (this.errors.length === 0)
      for (const { at, message } of signs(this.#document)) this.#push(this.#at(at), [], message);
    for (const { at, message } of cutByComment(this.#document)) this.#push(this.#at(at), [], message, this.notes);
    this.value = this.errors.length > 0 ? undefined : this.#read();
  }

  /** A problem with what stands at a path; where there is nothing, at the nearest thing above it. */
  add(path: Path, message: string): void {
    if (!this.#isFull) this.#push(this.#at(this.#startOf(path)), path, message);
  }

  /** A problem with a key itself. */
  addAtKey(path: Path, message: string): void {
    if (!this.#isFull) this.#push(this.#at(this.#keyOf(path) ?? this.#startOf(path)), path, message);
  }

  /** A problem within a text block; line and column count from 1 within the text. */
  addInText(path: Path, textLine: number, textColumn: number, message: string): void {
    this.#pushInText(this.errors, path, { line: textLine, column: textColumn }, message);
  }

  /** Something to note within a text block. */
  noteInText(path: Path, textLine: number, textColumn: number, message: string): void {
    this.#pushInText(this.notes, path, { line: textLine, column: textColumn }, message);
  }

  #pushInText(
    list: FileError[],
    path: Path,
    { line: textLine, column: textColumn }: { line: number; column: number },
    message: string,
  ): void {
    if (list.length >= ERRORS_MAX) return;
    const node = this.#find(path);
    if (!isScalar(node) || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED')) {
      const start = this.#at(this.#startOf(path));
      const quote = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') ? 1 : 0;
      const column = textLine === 1 ? start.column + quote + textColumn - 1 : start.column;
      this.#push(
        { line: start.line, column },
        path,
        textLine === 1 ? message : `line ${textLine} of it: ${message}`,
        list,
      );
      return;
    }
    // The block's text begins on the line after its header (| or >).
    const line = this.#at(node.range?.[0] ?? 0).line + textLine;
    const indent = this.#indentAfter(node.range?.[0] ?? 0);
    this.#push({ line, column: indent + textColumn }, path, message, list);
  }

  /** Line of what stands at a path, from 1. */
  lineOf(path: Path): number {
    return this.#at(this.#startOf(path)).line;
  }

  /** What the schema found. Who mistyped a key need not be told as well that the right one is missing. */
  addIssues(issues: readonly z.core.$ZodIssue[]): void {
    const mistyped = new Set(issues.filter((one) => one.code === 'unrecognized_keys').map((one) => one.path.join('.')));
    for (const issue of issues)
      if (issue.code !== 'custom' || !mistyped.has(issue.path.join('.'))) this.#addIssue(issue);
  }

  #addIssue(issue: z.core.$ZodIssue, base: Path = []): void {
    if (this.#isFull) return;
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      for (const [position, key] of issue.keys.entries()) {
        if (this.#isFull) return;
        const message = messages[position] ?? issue.message;
        const comma = commaWords(this.#find(path), key, this.#text);
        this.addAtKey([...path, key], comma === '' ? message : `${message.replace(/[^?]$/, '$&.')}${comma}`);
      }
    } else if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
      for (const one of likeliest(issue.errors, this.#find(path))) this.#addIssue(one, path);
    } else if (issue.code === 'invalid_key') {
      for (const one of issue.issues) this.addAtKey(path, one.message);
    } else this.add(path, wordsOf(issue, path, this.#find(path) !== undefined));
  }

  /** Looking for a place costs a walk through the file: nobody reads so many errors, nor so many notes. */
  get #isFull(): boolean {
    return this.errors.length >= ERRORS_MAX;
  }

  #read(): unknown {
    try {
      const value: unknown = this.#document.toJS({ maxAliasCount: 100 });
      JSON.stringify(value); // which throws for what holds itself
      return value;
    } catch {
      // All else was found before: what is left are aliases.
      this.#push(
        { line: 1, column: 1 },
        [],
        'its aliases (*name) expand to too much, or to themselves: write out what they stand for',
      );
      return undefined;
    }
  }

  #push(at: { line: number; column: number }, path: Path, message: string, list = this.errors): void {
    if (list.length >= ERRORS_MAX) return;
    const error = { ...at, path: cutShort(path.map(String).join('.')), message: cutShort(message) };
    const said = this.#said.get(list)!;
    const key = `${error.line} ${error.column} ${error.message}`;
    if (!said.has(key)) list.push(error);
    said.add(key);
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #find(path: Path): Node | undefined {
    let node: unknown = this.#document.contents;
    for (const part of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) node = pairOf(node.items, part)?.value;
      else if (isSeq(node)) node = node.items[Number(part)];
      else return undefined;
    }
    return isNode(node) ? node : undefined;
  }

  #keyOf(path: Path): number | undefined {
    const parent = this.#find(path.slice(0, -1));
    const key = isMap(parent) ? pairOf(parent.items, path.at(-1)!)?.key : undefined;
    return isNode(key) ? key.range?.[0] : undefined;
  }

  /** The value when it is written on the key's line or is text, else the key: an error in a map belongs to its name. */
  #startOf(path: Path): number {
    for (let length = path.length; length > 0; length -= 1) {
      const part = path.slice(0, length);
      const node = this.#find(part);
      const key = this.#keyOf(part);
      if (node === undefined && key === undefined) continue;
      const isLeaf =
        node !== undefined && (isScalar(node) || isAlias(node)) && node.range !== undefined && node.range !== null;
      if (isLeaf && !(isScalar(node) && node.type?.startsWith('BLOCK_'))) return node.range![0];
      return key ?? node?.range?.[0] ?? 0;
    }
    return 0;
  }

  #indentAfter(offset: number): number {
    const firstLine =
      this.#text
        .slice(this.#text.indexOf('\n', offset) + 1)
        .split('\n')
        .find((line) => line.trim() !== '') ?? '';
    return firstLine.length - firstLine.trimStart().length;
  }
}

function pairOf(items: Pair[], key: PropertyKey): Pair | undefined {
  return items.find(
    (pair) => isPair(pair) && (isScalar(pair.key) ? String(pair.key.value) : String(pair.key)) === String(key),
  );
}

/** Of the forms that a value may have, the issues of the one that it most looks like. */
function likeliest(forms: readonly z.core.$ZodIssue[][], node: Node | undefined): z.core.$ZodIssue[] {
  const wrongKind = (issues: z.core.$ZodIssue[]): boolean =>
    issues.some(
      (one) =>
        one.path.length === 0 && (one.code === 'invalid_type' || (one.code === 'invalid_value' && !isScalar(node))),
    );
  return forms.find((issues) => !wrongKind(issues)) ?? forms[0] ?? [];
}

const ERRORS_MAX = 100;
const WORDS_MAX = 1_000;
const cutShort = (text: string): string => (text.length <= WORDS_MAX ? text : `${text.slice(0, WORDS_MAX)}...`);

function placeIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const KEY_WORDS = {
  twice: 'this key stands here for the second time: keep one of them',
  proto: '`__proto__` is not allowed as a key: programs take it for something else. Use another name',
};

const EXPECTED = table({
  object: 'keys with values, such as { host: b }',
  record: 'keys with values, such as { a: ... }',
  map: 'keys with values',
  array: 'a list: lines that begin with -, or [x, y]',
  tuple: 'two values, such as [4h, 5h]',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
});

const MISSING = table({
  title: 'write title: One MX waits',
  shows: 'write in one sentence what the lab shows',
  clock: 'write clock: { start: 2026-03-02T09:00Z, seed: 4 }',
  start: 'write start: 2026-03-02T09:00Z',
  networks: 'write networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }',
  hosts: 'write hosts: and below it a key for each host',
  name: 'write name: a.theorganisation.test',
  address: 'write address: 192.0.2.10',
  to: 'write to: alice@theorganisation.test',
  host: 'write the key of a host, such as host: a',
  message: "write the name of one of the script's messages",
  about: "write about: and the name of one of the script's messages",
  who: 'write who: and a person, such as who: alice',
});

function wordsOf(issue: z.core.$ZodIssue, path: Path, isThere: boolean): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const key = typeof path.at(-1) === 'number' ? 'this entry' : String(path.at(-1) ?? 'the file');
    if (isThere)
      return `\`${key}\` wants ${EXPECTED[issue.expected] ?? issue.expected}${issue.input === undefined ? '' : `, not \`${shown(issue.input)}\``}`;
    return path.length === 0
      ? 'the file is empty: write a lab, beginning with title: ...'
      : `\`${key}\` is missing: ${MISSING[key] ?? `write ${key}: ...`}`;
  }
  if (issue.code === 'invalid_value' && !isThere) return `\`${String(path.at(-1))}\` is missing: ${issue.message}`;
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return `\`${String(path.at(-1))}\` has too few entries or is too small: ${issue.minimum} at the least`;
  return issue.message;
}
