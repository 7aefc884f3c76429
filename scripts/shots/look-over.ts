/** What a look at a picture would find, as far as a program can: words cut without a title, what hangs over an edge, contrast. */
import type { Page } from 'playwright-core';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOWN_OF_EACH = 3;

/** Faults of what is on the screen now, in words; none: an empty list. */
export async function lookOver(page: Page): Promise<string[]> {
  return [...(await page.evaluate(findCut)), ...(await accessibility(page))];
}

/** Runs in the page. */
function findCut(): string[] {
  const found: string[] = [];
  const seen = (element: Element): boolean =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getClientRects().length > 0;
  const name = (element: Element): string =>
    `${element.tagName.toLowerCase()}${element.classList.length > 0 ? `.${[...element.classList].join('.')}` : ''}`;
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    if (!seen(element) || element.closest('svg, .cm-editor, [aria-hidden="true"]') !== null) continue;
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
    );
    if (!hasText) continue;
    const text = (element.textContent ?? '').trim().slice(0, 60);
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || style.clipPath !== 'none') continue;
    if (
      element.scrollWidth > element.clientWidth + 1 &&
      element.clientWidth > 0 &&
      style.overflowX === 'hidden' &&
      element.closest('[title]') === null
    )
      found.push(`cut without a title: ${name(element)} “${text}”`);
    if ((box.right > innerWidth + 1 || box.left < -1) && element.closest('[title]') === null)
      found.push(`hangs over the window’s edge: ${name(element)} “${text}”`);
    const holder = element.parentElement;
    if (
      holder !== null &&
      getComputedStyle(holder).overflowX === 'hidden' &&
      box.right > holder.getBoundingClientRect().right + 1 &&
      style.overflowX !== 'hidden' &&
      element.closest('[title]') === null
    )
      found.push(`cut by what holds it: ${name(element)} in ${name(holder)} “${text}”`);
  }
  return [...new Set(found)];
}

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: string[]; failureSummary?: string }[];
}

async function accessibility(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  // What is passing by covers nothing for long.
  const passing = page.locator('.envelope.travels');
  await passing.evaluateAll((envelopes) =>
    envelopes.forEach((one) => (one as HTMLElement).style.setProperty('display', 'none')),
  );
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(context: object, options: object): Promise<{ violations: Violation[] }> };
    };
    // On a narrow window the inspector lies over the middle: what is half beneath it is not for clicking now.
    const inspector = document.querySelector('[aria-label="Inspector"]');
    const over = inspector !== null && getComputedStyle(inspector).position === 'absolute';
    return (
      await axe.run(
        { include: ['html'], exclude: over ? ['main > [aria-label="Bench"]'] : [] },
        {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
          resultTypes: ['violations'],
          iframes: false,
        },
      )
    ).violations;
  });
  await passing.evaluateAll((envelopes) =>
    envelopes.forEach((one) => (one as HTMLElement).style.removeProperty('display')),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, SHOWN_OF_EACH)
      .map(
        ({ target, failureSummary }) =>
          `${id}: ${target.join(' ')}: ${(failureSummary ?? '').split('\n').slice(1).join(' ').trim().slice(0, 200)}`,
      ),
  );
}
