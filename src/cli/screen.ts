/** Standard output as a place for lines: colours only where a person looks, and no control character but those of our own colours. */
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { visible } from '../contract/visible.ts';

/** What a line is about; its words say it as well, so colour is never needed. */
export type Tone = 'plain' | 'good' | 'bad' | 'wait' | 'act' | 'quiet' | 'bold';

const STYLES: Record<Tone, 'green' | 'red' | 'yellow' | 'cyan' | 'gray' | 'bold' | null> = {
  plain: null,
  good: 'green',
  bad: 'red',
  wait: 'yellow',
  act: 'cyan',
  quiet: 'gray',
  bold: 'bold',
};

/** Marks where a style begins and ends, until the text around them is made fit for a terminal: nobody else can write them. */
const MARK = `\u0000${randomBytes(12).toString('hex')}`;
const MARKED = new RegExp(`${MARK}(\\d+);`);

export interface Screen {
  /** A line. What `paint` coloured is coloured; of all else control characters are shown and not obeyed. */
  say(text: string): void;
  paint(tone: Tone, text: string): string;
  /** Columns of the terminal; null: not a terminal, lines may be as long as they are. */
  readonly width: number | null;
}

export function createScreen(stream: NodeJS.WriteStream = process.stdout): Screen {
  // https://no-color.org: any value but the empty one; TERM=dumb can't show any.
  const coloured = stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return {
    say: (text) =>
      void stream.write(
        `${text
          .split(MARKED)
          .map((part, index) => (index % 2 === 0 ? visible(part) : `\u001b[${part}m`))
          .join('')}\n`,
      ),
    paint(tone, text) {
      const style = STYLES[tone];
      if (!coloured || style === null || text === '') return text;
      const [on, off] = inspect.colors[style]!;
      return `${MARK}${on};${text}${MARK}${off};`;
    },
    width: stream.isTTY === true ? (stream.columns ?? 80) : null,
  };
}

/** A line for people on stderr, made fit for a terminal as all that `say` prints. */
export function sayError(text: string): void {
  process.stderr.write(`${visible(text)}\n`);
}

/** Words broken into lines of at most `width`, the second and later ones under the first. */
export function wrapped(text: string, indent: string, width: number | null): string {
  if (width === null || width - indent.length < 30) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}
