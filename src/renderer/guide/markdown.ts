/**
 * The guide's Markdown as HTML that may be put into the page: lab files come from anywhere, so raw HTML in them is shown
 * as text, and what is left goes through a sanitiser that knows few tags and no address but https.
 */
import DOMPurify from 'dompurify';
import { Marked } from 'marked';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

const marked = new Marked({
  async: false,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text }) => escaped(text),
  },
});

const TAGS = ['p', 'br', 'em', 'strong', 'code', 'pre', 'ul', 'ol', 'li', 'blockquote', 'a', 'h3', 'h4', 'table', 'thead', 'tbody', 'tr', 'th', 'td'];

/** HTML of a text, without the sanitiser's care. */
export function toHtml(markdown: string): string {
  return marked.parse(markdown, { async: false });
}

/** HTML of a text that `v-html` may show. */
export function safeHtml(markdown: string): string {
  return DOMPurify.sanitize(toHtml(markdown), { ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ['href'], ALLOWED_URI_REGEXP: /^https:/i });
}

/** A step's text as one line: its first sentence, without marks. */
export function titleOf(markdown: string): string {
  const plain = markdown
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
