/**
 * A command line, taken apart into words. What stands between brackets or quotes stays together, and `FROM:` and `TO:`
 * end a word, so that `MAIL FROM:<"a b"@d> SIZE=1` has four: MAIL, FROM:, <"a b"@d>, SIZE=1.
 */
export interface Word {
  /** As it was written, quotes, brackets and backslashes included. */
  text: string;
  /** A quote or bracket in it has no end. */
  torn: boolean;
}

const BLANKS = ' \t\n\v\f\r';
const OPENS = new Map([
  ['<', '>'],
  ['"', '"'],
]);

/** Linear in the line's length. No words: the line is blank. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  let start = -1;
  const take = (end: number, torn = false): void => {
    if (start >= 0) words.push({ text: line.slice(start, end), torn });
    start = -1;
  };
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (BLANKS.includes(char)) {
      take(i);
      continue;
    }
    if (start < 0) start = i;
    if (char === '\\')
      i += 1; // what follows is no blank, quote or bracket
    else if (OPENS.has(char)) {
      const end = endOf(line, i);
      if (end === null) {
        take(line.length, true);
        break;
      }
      i = end;
    } else if (char === ':' && i - start < 5 && /^(from|to):$/i.test(line.slice(start, i + 1))) take(i + 1);
  }
  take(line.length);
  return words;
}

/** Where the quote or bracket that opens at `from` is closed; null: nowhere. Brackets nest; in a quote only `"` and `\` count. */
function endOf(line: string, from: number): number | null {
  const wanted = [OPENS.get(line[from] as string) as string];
  for (let i = from + 1; i < line.length; i++) {
    const char = line[i] as string;
    const innermost = wanted.at(-1);
    if (char === '\\') i += 1;
    else if (char === innermost) {
      wanted.pop();
      if (wanted.length === 0) return i;
    } else if (char === '"' || (char === '<' && innermost === '>')) wanted.push(OPENS.get(char) as string);
  }
  return null;
}
