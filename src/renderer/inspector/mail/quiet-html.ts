/** HTML of a mail before a browser parses it: what would raise an alarm is taken out, and what a browser would choke on is found. Pure, and linear. */

/** More than any newsletter has. */
const LENGTH_MAX = 500_000;
const TAGS_MAX = 10_000;
/** Tables in tables, as mail programs write them, come to some sixty. */
const DEPTH_MAX = 100;
/** Of these, those that are open are opened again in each paragraph that follows, so many elements are made of few tags. */
const REOPENED = new Set([
  'a',
  'b',
  'big',
  'code',
  'em',
  'font',
  'i',
  'nobr',
  's',
  'small',
  'strike',
  'strong',
  'tt',
  'u',
]);
const REOPENED_MAX = 200_000;
/** These are closed by the next of their kind, or at once. */
const SHALLOW = new Set([
  'p',
  'li',
  'dt',
  'dd',
  'option',
  'optgroup',
  'tr',
  'td',
  'th',
  'thead',
  'tbody',
  'tfoot',
  'caption',
  'colgroup',
  'rt',
  'rp',
  'html',
  'head',
  'body',
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
]);

/** Whether a browser may need minutes for it, or give up: it grows faster than its text where elements lie deep in each other. */
export function isTooMuch(html: string): boolean {
  if (html.length > LENGTH_MAX) return true;
  const open = new Map<string, number>();
  let tags = 0;
  let depth = 0;
  let styles = 0;
  let stylesMost = 0;
  for (const [, slash, word = ''] of html.matchAll(/<(\/?)([a-z][^\s<>/]*)/gi)) {
    const name = word.toLowerCase();
    tags += 1;
    if (SHALLOW.has(name)) continue;
    const count = open.get(name) ?? 0;
    if (slash === '') open.set(name, count + 1);
    else if (count > 0) open.set(name, count - 1);
    const step = slash === '' ? 1 : count > 0 ? -1 : 0;
    depth += step;
    if (REOPENED.has(name)) styles += step;
    stylesMost = Math.max(stylesMost, styles);
    if (depth > DEPTH_MAX) return true;
  }
  return tags > TAGS_MAX || stylesMost * tags > REOPENED_MAX;
}

/**
 * The browser's console tells of each style, handler and base address that the page's policy refuses, even in a text that is only parsed to be
 * cleaned. These are put out of the way before; what is missed costs a line on the console, and nothing else.
 */
export function withoutAlarms(html: string): string {
  return html
    .replace(/<style\b[\s\S]*?(?:<\/style\s*>|$)|<base\b[^<>]*>/gi, '')
    .replace(/<[^<>]*>/g, (tag) => tag.replace(/([\s"'/])(style|on[a-z]+)(?=\s*=)/gi, '$1data-$2'));
}
