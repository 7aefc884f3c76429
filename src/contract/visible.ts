/** Text that people look at as it is written: nothing in it moves a cursor, colours or hides what others say, or turns a line round. */

/** Control characters but tab and line feed, C1, and the marks that change the direction of text (Unicode Standard Annex 9). */
// eslint-disable-next-line no-control-regex -- these are the characters it is about
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Such characters as they are written in source text: `\u{202e}`. Lines that end with CR LF end with LF. */
export function visible(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .toWellFormed()
    .replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** The same of a text that is one line by its nature: with a line feed in it, it could pass for two. */
export const oneLine = (text: string): string => visible(text.replace(/\s+/g, ' ').trim());

/** JSON that can be shown, and means the same. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    UNSEEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
