/** Mails that are made so that a program needs minutes to read them: the page goes on, and says what it does not show. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { mail } from '../contract/busy.ts';
import { gone, see, useBrowser, type Bench } from './bench.ts';
import { inspector, jump, select } from './parts.ts';

const open = useBrowser();
/** The longest that the page may be deaf, real ms; a browser of its own needs some for its first picture. */
const DEAF_MS_MAX = 3_000;

/** Longest time in which the page heard nobody, from now until it is asked for. */
async function deafness(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const it = globalThis as any;
    it.longest = 0;
    new it.PerformanceObserver((list: any) =>
      list.getEntries().forEach(({ duration }: any) => void (it.longest = Math.max(it.longest, duration))),
    ).observe({ entryTypes: ['longtask'] });
  });
  return () =>
    page.evaluate(() => new Promise<number>((resolve) => setTimeout(() => resolve((globalThis as any).longest), 0)));
}

/** alice gets these mails; the first one is looked at. */
async function mailbox(
  { page, api }: Bench,
  letters: Record<string, string>,
): Promise<(subject: string) => Promise<void>> {
  const [world] = await api.worlds();
  const messages = Object.entries(letters).map(([subject, rest]) =>
    mail({ raw: Buffer.from(`Subject: ${subject}\r\nMIME-Version: 1.0\r\n${rest}\r\n`, 'latin1').toString('base64') }),
  );
  await api.ask(world!.id, 'act', [{ do: 'send', messages, everyMs: 1_000, connections: 1 }]);
  await jump(page, '+5 min');
  return async (subject) => {
    await select(page, 'A', 'Mailboxes');
    await inspector(page)
      .getByRole('list', { name: 'Mailbox of alice' })
      .getByRole('button', { name: new RegExp(`^${subject}\\b`) })
      .click();
  };
}
const html = (body: string): string => `Content-Type: text/html\r\n\r\n${body}`;
const tab = (page: Page, name: string): Promise<void> => inspector(page).getByRole('tab', { name }).click();

it(
  'HTML is shown where a browser can show it, and else not, and the page is never deaf',
  { timeout: 120_000 },
  async () => {
    const bench = await open('one-mx-waits');
    const { page } = bench;
    const shown = {
      signs: '<'.repeat(200_000),
      lines: '<p>line<br>'.repeat(4_900),
      pictures: '<img src=x>'.repeat(9_000),
      tables: `${'<table><tr><td>'.repeat(90)}x`,
    };
    const refused = {
      quotes: '<a href="'.repeat(9_000),
      deep: '<div>x'.repeat(9_000),
      bold: '<b>'.repeat(100_000),
      templates: '<template>'.repeat(50_000),
      reopened: `<p>${Array.from({ length: 90 }, (_, i) => `<b a${i}>`).join('')}${'<p>x'.repeat(9_000)}`,
      long: 'x '.repeat(400_000),
    };
    const look = await mailbox(
      bench,
      Object.fromEntries(
        [...Object.entries(shown), ...Object.entries(refused)].map(([name, body]) => [name, html(body)]),
      ),
    );
    const deaf = await deafness(page);
    for (const name of Object.keys(shown)) {
      await look(name);
      await tab(page, 'HTML');
      await see(inspector(page).getByTitle('The mail’s HTML'));
      expect(await deaf(), name).toBeLessThan(DEAF_MS_MAX);
    }
    for (const name of Object.keys(refused)) {
      await look(name);
      await tab(page, 'HTML');
      await see(inspector(page).getByText('This HTML is too large or too deeply nested to be shown here.')).catch(
        (error: Error) => expect.fail(`${name}: ${error.message}`),
      );
      await gone(inspector(page).getByTitle('The mail’s HTML'));
      expect(await deaf(), name).toBeLessThan(DEAF_MS_MAX);
    }
  },
);

it('a mail that can’t be taken apart is given up, and its bytes are there', { timeout: 60_000 }, async () => {
  const bench = await open('one-mx-waits');
  const { page } = bench;
  const parts = Array.from(
    { length: 400 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}`,
  ).join('\r\n');
  const look = await mailbox(bench, { nested: parts, plain: '\r\nplain text' });
  await look('nested');
  await tab(page, 'Text');
  await see(
    inspector(page)
      .getByRole('alert')
      .getByText(/can’t be parsed: .*Its bytes are under Raw\./),
  );
  await tab(page, 'Raw');
  await see(inspector(page).getByText('boundary=b399', { exact: false }));
  await look('plain');
  await tab(page, 'Text');
  await see(inspector(page).getByText('plain text'));
});
