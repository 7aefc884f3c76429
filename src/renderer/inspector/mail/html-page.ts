/**
 * HTML of a mail as a page for a frame that may do nothing: no scripts, no forms, no styles of its own (they could load),
 * nothing from anywhere. Pictures that the mail itself brings are shown; those elsewhere are left out, and counted.
 */
import DOMPurify from 'dompurify';
import styles from './mail-frame.css?url';
import { isTooMuch, withoutAlarms } from './quiet-html.ts';

export interface HtmlPage {
  page: string;
  /** Pictures and the like that it would have fetched from elsewhere. */
  leftOutCount: number;
}

const LOADING = ['src', 'srcset', 'background', 'poster', 'data', 'xlink:href'];
/** More than its tags where they are not closed: a browser opens some of them again and again. */
const ELEMENTS_MAX = 20_000;

/** Null where a browser would take too long over it. */
export function htmlPage(html: string, pictures: ReadonlyMap<string, string>): HtmlPage | null {
  if (isTooMuch(html)) return null;
  const quiet = withoutAlarms(html);
  if (new DOMParser().parseFromString(quiet, 'text/html').querySelectorAll('*').length > ELEMENTS_MAX) return null;
  const body = DOMPurify.sanitize(quiet, {
    RETURN_DOM: true,
    FORBID_TAGS: [
      'style',
      'link',
      'base',
      'meta',
      'form',
      'input',
      'button',
      'select',
      'textarea',
      'iframe',
      'object',
      'embed',
      'video',
      'audio',
      'svg',
      'math',
    ],
    ALLOW_DATA_ATTR: false,
    FORBID_ATTR: ['style', 'target', 'ping', 'id', 'name'],
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
  return {
    page: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mail</title><link rel="stylesheet" href="${new URL(styles, document.baseURI).href}"></head><body>${body.innerHTML}</body></html>`,
    leftOutCount,
  };
}
