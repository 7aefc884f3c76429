/**
 * A picture of what is on the screen, as PNG: the page is put into an SVG image with its styles and fonts, and drawn.
 * Nothing is loaded from elsewhere, and nothing of the page is changed.
 */
import { isDark } from './theme.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Pictures go onto slides: twice the size of the screen's pixels. */
const SCALE = 2;

export async function takePicture(): Promise<Blob> {
  const { innerWidth: width, innerHeight: height } = window;
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
    svg.setAttribute(name, String(value));
  // `:root` is the SVG itself in there, and has the tokens.
  svg.dataset.theme = isDark.value ? 'dark' : 'light';
  const style = document.createElementNS(SVG, 'style');
  style.textContent = await stylesWithFonts();
  const frame = document.createElementNS(SVG, 'foreignObject');
  frame.setAttribute('width', '100%');
  frame.setAttribute('height', '100%');
  frame.append(copyOfBody(height));
  svg.append(style, frame);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(xmlOf(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('no picture could be made')) : resolve(blob)),
      'image/png',
    );
  });
}

/** A page may hold what XML may not: comments with two hyphens, and control characters, which mail is full of. */
function xmlOf(svg: SVGElement): string {
  const comments = document.createNodeIterator(svg, NodeFilter.SHOW_COMMENT);
  for (let node = comments.nextNode(); node !== null; node = comments.nextNode()) (node as Comment).data = '';
  // eslint-disable-next-line no-control-regex -- these are the characters it is about
  return new XMLSerializer().serializeToString(svg).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
}

/** What a copy of elements doesn't take along: where they are scrolled to, what is typed, what is drawn. */
function copyOfBody(height: number): HTMLElement {
  const copy = document.body.cloneNode(true) as HTMLElement;
  const originals = [document.body, ...document.body.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  originals.forEach((original, index) => {
    const twin = copies[index];
    if (twin === undefined) return;
    if (original.scrollTop !== 0 || original.scrollLeft !== 0) {
      [...original.children].forEach((child, at) => {
        // Heads that stand still above what rolls are in their place.
        if (getComputedStyle(child).position !== 'sticky')
          (twin.children[at] as HTMLElement).style.translate = `${-original.scrollLeft}px ${-original.scrollTop}px`;
      });
    }
    if (original instanceof HTMLInputElement) twin.setAttribute('value', original.value);
    if (original instanceof HTMLTextAreaElement) twin.textContent = original.value;
  });
  originals.forEach((original, index) => {
    if (!(original instanceof HTMLCanvasElement)) return;
    const drawn = new Image(original.clientWidth, original.clientHeight);
    drawn.src = original.toDataURL();
    drawn.className = original.className;
    copies[index]?.replaceWith(drawn);
  });
  for (const script of copy.querySelectorAll('script, iframe')) script.remove();
  copy.style.height = `${height}px`;
  return copy;
}

/** In a picture nothing scrolls. */
const NO_SCROLLBARS = '* { scrollbar-width: none; }';

async function stylesWithFonts(): Promise<string> {
  const loaded = [...document.fonts]
    .filter(({ status }) => status === 'loaded')
    .map(({ family, unicodeRange }) => rangeKey(family, unicodeRange));
  const texts = await Promise.all(
    [...document.styleSheets, ...document.adoptedStyleSheets].map(async (sheet) => {
      const base = sheet.href ?? location.href;
      const text = await textOf(sheet);
      const faces = [...sheet.cssRules]
        .filter((rule) => rule instanceof CSSFontFaceRule)
        .filter(({ style }) =>
          loaded.includes(rangeKey(style.getPropertyValue('font-family'), style.getPropertyValue('unicode-range'))),
        );
      return [
        text.replace(/@font-face\s*\{[^}]*\}/g, ''),
        ...(await Promise.all(faces.map(({ cssText }) => withData(cssText, base)))),
      ].join('\n');
    }),
  );
  return [...texts, NO_SCROLLBARS].join('\n');
}

/** A sheet as it was written: rules read back from the browser lose a shorthand with a variable beside its parts. */
async function textOf(sheet: CSSStyleSheet): Promise<string> {
  const written =
    sheet.href === null
      ? sheet.ownerNode?.textContent
      : await fetch(sheet.href).then(
          (answer) => answer.text(),
          () => null,
        );
  return written === null || written === undefined || written === ''
    ? [...sheet.cssRules].map(({ cssText }) => cssText).join('\n')
    : written;
}

const rangeKey = (family: string, range: string): string =>
  `${family.replace(/["']/g, '')} ${range.toLowerCase().replace(/\s/g, '')}`;

/** A font's file in the rule itself: an image may load nothing. */
async function withData(rule: string, base: string): Promise<string> {
  const found = /url\(["']?([^"')]+)["']?\)/.exec(rule);
  if (found === null) return rule;
  const blob = await (await fetch(new URL(found[1] ?? '', base))).blob();
  const data = await new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.readAsDataURL(blob);
  });
  return rule.replace(found[0], `url("${data}")`);
}
