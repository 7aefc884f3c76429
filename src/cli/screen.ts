/** Standard output as a place for lines: colours only where a person looks, and a quiet end when the reader leaves. */
import { styleText } from 'node:util';

/** What a line is about; its words say it as well, so colour is never needed. */
export type Tone = 'plain' | 'good' | 'bad' | 'wait' | 'act' | 'quiet' | 'bold';

const STYLES: Record<Tone, Parameters<typeof styleText>[0] | null> = {
  plain: null,
  good: 'green',
  bad: 'red',
  wait: 'yellow',
  act: 'cyan',
  quiet: 'gray',
  bold: 'bold',
};

export interface Screen {
  say(text: string): void;
  paint(tone: Tone, text: string): string;
  /** Columns of the terminal; null: not a terminal, lines may be as long as they are. */
  readonly width: number | null;
}

export function createScreen(stream: NodeJS.WriteStream = process.stdout): Screen {
  // https://no-color.org: any value but the empty one; TERM=dumb can't show any.
  const coloured = stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return {
    say: (text) => void stream.write(`${text}\n`),
    paint(tone, text) {
      const style = STYLES[tone];
      return coloured && style !== null && text !== '' ? styleText(style, text, { validateStream: false }) : text;
    },
    width: stream.isTTY === true ? (stream.columns ?? 80) : null,
  };
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
