/**
 * Zone text to entries of words: lines, parentheses, quotes, comments and escapes of RFC 1035 §5.1.
 * Knows nothing of names or records. It goes on after an error, so that all of them can be told at once.
 */
import { table } from '../../contract/table.ts';

/** Where something is wrong in a zone's text, and what to write instead. Line and column count from 1. */
export interface ZoneError {
  line: number;
  column: number;
  message: string;
}

/** One word. `text` is as written (escapes not yet taken out), of a quoted string without its quotes. */
export interface Token {
  text: string;
  quoted: boolean;
  line: number;
  column: number;
}

/** What stands on one line, or on several within parentheses. */
export interface Entry {
  tokens: Token[];
  /** The line begins with a blank: the record has the name of the one before it. */
  blankStart: boolean;
  line: number;
}

export type Report = (at: { line: number; column: number }, message: string) => void;

interface Lexeme {
  kind: 'word' | 'string' | 'open' | 'close';
  text: string;
  column: number;
}

/** A text of nothing but open parentheses would be read again from each of them; nobody needs that many errors. */
const recoveryCountMax = 20;

/** Splits a zone's text into entries and reports quotes and parentheses that don't match. */
export function tokenize(text: string, report: Report): Entry[] {
  const lines = text.split(/\r\n|\n|\r/);
  const lexemes = lines.map((line, index) => lexLine(line, index + 1, report));
  const entries: Entry[] = [];
  let recoveryCount = 0;
  for (let index = 0; index < lines.length; index++) {
    const entry: Entry = { tokens: [], blankStart: /^[ \t]/.test(lines[index] ?? ''), line: index + 1 };
    const end = gather(lexemes, index, entry, report);
    if (end === null) {
      // The rest of the text was swallowed: end the entry with its line and read on from the next one.
      entry.tokens = entry.tokens.filter((token) => token.line === index + 1);
      if (++recoveryCount > recoveryCountMax) return entries;
    } else {
      index = end;
    }
    if (entry.tokens.length > 0) entries.push(entry);
  }
  return entries;
}

/** Fills an entry from line `start` on; gives the index of its last line, or null when a parenthesis is never closed. */
function gather(lexemes: Lexeme[][], start: number, entry: Entry, report: Report): number | null {
  const open: { line: number; column: number }[] = [];
  for (let index = start; index < lexemes.length; index++) {
    for (const { kind, text, column } of lexemes[index] ?? []) {
      const at = { line: index + 1, column };
      if (kind === 'open') open.push(at);
      else if (kind === 'close' && open.length === 0)
        report(at, 'this ) closes nothing: take it away, or write a ( before it');
      else if (kind === 'close') open.pop();
      else entry.tokens.push({ text, quoted: kind === 'string', ...at });
    }
    if (open.length === 0) return index;
  }
  const first = open[0];
  if (first) report(first, 'this ( is never closed: write a ) where the record ends');
  return null;
}

function lexLine(line: string, lineNumber: number, report: Report): Lexeme[] {
  const lexemes: Lexeme[] = [];
  let index = 0;
  while (index < line.length) {
    const char = line.charAt(index);
    const column = index + 1;
    if (char === ';') break;
    if (/\s/.test(char)) {
      index++;
    } else if (char === '(' || char === ')') {
      lexemes.push({ kind: char === '(' ? 'open' : 'close', text: char, column });
      index++;
    } else if (char === '"') {
      const end = endOf(line, index + 1, /"/);
      if (end >= line.length)
        report({ line: lineNumber, column }, 'this " is never closed: write a " where the text ends, on the same line');
      lexemes.push({ kind: 'string', text: line.slice(index + 1, end), column });
      index = end + 1;
    } else {
      const end = endOf(line, index, /[\s;()"]/);
      lexemes.push({ kind: 'word', text: line.slice(index, end), column });
      index = end;
    }
  }
  return lexemes;
}

/** The index of the first character that stops a word; one behind a backslash never does. */
function endOf(line: string, start: number, stop: RegExp): number {
  let index = start;
  while (index < line.length && !stop.test(line.charAt(index))) index += line.charAt(index) === '\\' ? 2 : 1;
  return Math.min(index, line.length);
}

/** The bytes that a word stands for: `\DDD` is one byte, `\X` is X, all else is UTF-8. Null: a \DDD over 255, or a lone `\`. */
export function octetsOf(text: string): Buffer | null {
  const parts: Buffer[] = [];
  for (const [part, decimal, single] of text.matchAll(/\\(\d{3})|\\([^\d]?)|[^\\]+|\\/gsu)) {
    if (decimal !== undefined) {
      if (Number(decimal) > 255) return null;
      parts.push(Buffer.from([Number(decimal)]));
    } else if (part.startsWith('\\')) {
      if (!single) return null;
      parts.push(Buffer.from(single));
    } else {
      parts.push(Buffer.from(part));
    }
  }
  return Buffer.concat(parts);
}

/** `1h30m`, `2d`, `45s` or plain seconds as seconds; null when it is no duration, or over 2^31-1 (RFC 2181 §8). */
export function secondsOf(text: string): number | null {
  if (!/^(\d+|(\d+[smhdw])+)$/i.test(text)) return null;
  const unitSeconds = table({ s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 });
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw]?)/gi))
    seconds += Number(count) * (unitSeconds[(unit ?? '').toLowerCase()] ?? 1);
  return seconds <= 0x7fffffff ? seconds : null;
}
