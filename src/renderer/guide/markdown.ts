/**
 * The guide's Markdown as HTML that may be put into the page: lab files come from anywhere, so raw HTML in them is shown
 * as text, and what is left goes through a sanitiser that knows few tags and no address but https.
 */
import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { table } from '../../contract/table.ts';

const ESCAPES = table({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' });
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

const marked = new Marked({
  async: false,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text }) => escaped(text),
  },
});

const TAGS = [
  'p',
  'br',
  'em',
  'strong',
  'code',
  'pre',
  'ul',
  'ol',
  'li',
  'blockquote',
  'a',
  'h3',
  'h4',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
];

/** A step has a few hundred; a text made to be slow takes more than linear time, and a lab file may be anybody's. */
const TEXT_MAX = 5_000;

/** HTML of a text, without the sanitiser's care. */
export function toHtml(markdown: string): string {
  const shown =
    markdown.length <= TEXT_MAX
      ? markdown
      : `${markdown.slice(0, TEXT_MAX)} …\n\n*(The rest of this text is too long to be shown.)*`;
  try {
    return marked.parse(shown, { async: false });
  } catch {
    return `<p>${escaped(shown)}</p>`; // what is nested too deeply
  }
}

/** HTML of a text that `v-html` may show. */
export function safeHtml(markdown: string): string {
  return DOMPurify.sanitize(toHtml(markdown), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href'],
    ALLOWED_URI_REGEXP: /^https:/i,
  });
}

/** A step's text as one line: its first sentence, without marks; a long text's beginning is enough for that. */
export function titleOf(markdown: string): string {
  const plain = markdown
    .slice(0, 2_000)
    .replace(/```[\s\S]*?```/g, ' ')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|`)/g, '')
    .replace(/(^|\W)[*_](\S[^*_]*)[*_](?=\W|$)/g, '$1$2')
    .replace(/^\s*(#+|[-*>]|\d+\.)\s+/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  const sentences = plain.split(/(?<=[.:;?!])\s+(?=\S)/);
  // `Monday, 09:00.` alone says nothing yet.
  const first = sentences[0] ?? '';
  const title = first.length < 18 && sentences[1] !== undefined ? `${first} ${sentences[1]}` : first;
  return title.replace(/[.:;]$/, '');
}
