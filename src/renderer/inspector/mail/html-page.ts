/**
 * HTML of a mail as a page for a frame that may do nothing: no scripts, no forms, no styles of its own (they could load),
 * nothing from anywhere. Pictures that the mail itself brings are shown; those elsewhere are left out, and counted.
 */
import DOMPurify from 'dompurify';
import styles from './mail-frame.css?url';

export interface HtmlPage {
  page: string;
  /** Pictures and the like that it would have fetched from elsewhere. */
  leftOutCount: number;
}

const LOADING = ['src', 'srcset', 'background', 'poster', 'data', 'xlink:href'];

export function htmlPage(html: string, pictures: ReadonlyMap<string, string>): HtmlPage {
  const body = DOMPurify.sanitize(withoutAlarms(html), {
    RETURN_DOM: true, FORBID_TAGS: ['style', 'link', 'base', 'meta', 'form', 'input', 'button', 'select', 'textarea', 'iframe', 'object', 'embed', 'video', 'audio', 'svg', 'math'],
    ALLOW_DATA_ATTR: false, FORBID_ATTR: ['style', 'target', 'ping', 'id', 'name'],
  }) as HTMLElement;
  let leftOutCount = 0;
  for (const element of body.querySelectorAll('*')) {
    for (const name of LOADING) {
      const value = element.getAttribute(name);
      if (value === null) continue;
      const own = name === 'src' && value.startsWith('cid:') ? pictures.get(value.slice(4)) : undefined;
      if (own !== undefined) element.setAttribute(name, own);
      else if (name !== 'src' || !value.startsWith('data:image/')) {
        element.removeAttribute(name);
        leftOutCount += 1;
      }
    }
    // A frame that goes nowhere: what a link says is in its title.
    const link = element.getAttribute('href');
    if (link === null) continue;
    element.removeAttribute('href');
    element.setAttribute('title', link);
    element.classList.add('link');
  }
  return { page: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mail</title><link rel="stylesheet" href="${new URL(styles, document.baseURI).href}"></head><body>${body.innerHTML}</body></html>`, leftOutCount };
}

/**
 * The browser's console tells of each style, handler and base address that the page's policy refuses, even in a text that is only parsed to be
 * cleaned. These are put out of the way before; what is missed costs a line on the console, and nothing else.
 */
function withoutAlarms(html: string): string {
  return html.replace(/<style\b[\s\S]*?(?:<\/style\s*>|$)|<base\b[^>]*>/gi, '').replace(/<[^>]*>/g, (tag) => tag.replace(/([\s"'/])(style|on[a-z]+)(?=\s*=)/gi, '$1data-$2'));
}
