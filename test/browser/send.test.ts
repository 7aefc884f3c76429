/** Sending: by keyboard alone, a file dropped, many at once, and from one's own programs. */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { gone, ROOT, see, soon, useBrowser } from './bench.ts';
import { dialog, drop, eventRow, face, guide, host, inspector, jump, map, search, select } from './parts.ts';

const open = useBrowser();

const LETTER =
  'From: Carol <carol@elsewhere.test>\nTo: alice@theorganisation.test\nSubject: From a file\nMessage-ID: <file.1@elsewhere.test>\n\nGood morning.\n';
/** More keys than that nobody presses for one thing. */
const TABS_MAX = 60;

/** Press Tab until the focus is on what has this role and name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen = [];
  for (let count = 0; count < TABS_MAX; count += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const { activeElement: el } = (globalThis as any).document;
      return String(el?.getAttribute('aria-label') ?? el?.innerText ?? '').trim();
    });
    if (name.test(at)) return;
    seen.push(at);
  }
  throw new Error(`Tab does not come to ${name}, but to: ${seen.join(', ')}`);
}

describe('sending', () => {
  it('by keyboard alone: from the welcome page to the message in the list', async () => {
    const { page } = await open();
    await see(page.getByRole('button', { name: 'A relay through the firewall' }));
    await tabTo(page, /A relay through the firewall/);
    await page.keyboard.press('Enter');
    await see(host(page, 'A'));
    await tabTo(page, /^Send mail$/);
    await page.keyboard.press('Enter');
    const form = dialog(page, 'Send mail');
    await soon(() =>
      form
        .getByRole('combobox', { name: 'To', exact: true })
        .evaluate((field) => field === (field as any).ownerDocument.activeElement),
    ).toBe(true);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('alice@theorganisation.test');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('By hand');
    await page.keyboard.press('Control+Enter');
    await gone(form);
    // The list follows the newest: what was sent may have rolled out of sight.
    await page.keyboard.press('Control+f');
    await page.keyboard.type('“By hand”');
    await see(eventRow(page, /Sent “By hand” from carol to alice/));
    await tabTo(page, /^\+5 min$/);
    await page.keyboard.press('Enter');
    await see(eventRow(page, /“By hand” is in the mailbox of alice/));
    await tabTo(page, /^Host A,/);
    await page.keyboard.press('Enter');
    await see(inspector(page).getByRole('heading', { name: 'a.theorganisation.test' }));
  });

  it('keeps the focus in the dialog, closes with Escape, and keeps what was typed', async () => {
    const { page } = await open('relay-through-firewall');
    await page.getByRole('button', { name: 'Send mail' }).click();
    const form = dialog(page, 'Send mail');
    await form.getByLabel('Subject').fill('Half written');
    for (let count = 0; count < 40; count += 1) {
      await page.keyboard.press('Tab');
      expect(
        await form.evaluate((el) => (el as any).contains((el as any).ownerDocument.activeElement)),
        `after ${count + 1} Tabs`,
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await gone(form);
    await page.getByRole('button', { name: 'Send mail' }).click();
    expect(await form.getByLabel('Subject').inputValue()).toBe('Half written');
  });

  it('says beside each field what is wrong with it', async () => {
    const { page } = await open('relay-through-firewall');
    await page.getByRole('button', { name: 'Send mail' }).click();
    const form = dialog(page, 'Send mail');
    await form.getByLabel('To', { exact: true }).fill('alice');
    await form.getByLabel('Number').fill('0');
    await form.getByRole('button', { name: 'Send', exact: true }).click();
    await see(
      form.getByText('“alice” is not a mail address: write it like alice@theorganisation.test'),
      form.getByText('Not sent: see what is marked above.'),
    );
    expect(await form.getByLabel('Number').getAttribute('aria-invalid')).toBe('true');
    await page.keyboard.press('Escape');
  });

  it('an .eml dropped on the window: sent as it is', async () => {
    const { page, api } = await open('relay-through-firewall');
    await drop(map(page), { name: 'letter.eml', type: 'message/rfc822', text: LETTER });
    const form = dialog(page, 'Send mail');
    await see(form.getByText('letter.eml'), form.getByText(/sent as it is/));
    expect(await form.getByLabel('From').inputValue()).toBe('carol@elsewhere.test');
    await form.getByRole('button', { name: 'Send', exact: true }).click();
    await jump(page, '+5 min');
    await see(eventRow(page, /“From a file” is in the mailbox of alice/));
    const [world] = await api.worlds();
    const { rows } = await api.ask(world!.id, 'mailbox', [null, 'a', 'alice']);
    expect(await api.ask(world!.id, 'message', [rows[0]!.body])).toContain('Message-ID: <file.1@elsewhere.test>');
  });

  it('an .eml dropped on the dialog; and what is no message is refused in words', async () => {
    const { page } = await open('relay-through-firewall');
    await page.getByRole('button', { name: 'Send mail' }).click();
    const form = dialog(page, 'Send mail');
    await drop(form, { name: 'picture.png', type: 'image/png', text: '\u0089PNG' });
    await see(form.getByText('picture.png is no message: it does not begin with a header such as From:'));
    await drop(form, { name: 'letter.eml', type: 'message/rfc822', text: LETTER });
    await see(form.getByText('letter.eml'));
    await form.getByRole('button', { name: 'Write one instead' }).click();
    await see(form.getByLabel('Subject'));
  });

  it('a lab file dropped: opened, or its mistakes by line', async () => {
    const { page } = await open();
    await see(page.getByRole('heading', { name: 'A lab of your own' }));
    const text = fs.readFileSync(path.join(ROOT, 'labs/one-mx-waits.yaml'), 'utf8');
    await drop(page.getByRole('main'), {
      name: 'mine.yaml',
      type: 'text/yaml',
      text: text.replace('final: theorganisation.test', 'finale: theorganisation.test'),
    });
    await see(
      page.getByRole('alert').getByText('mine.yaml was not opened'),
      page.getByRole('alert').getByText(/^Line \d+: .*finale/),
    );
    await drop(page.getByRole('main'), {
      name: 'mine.yaml',
      type: 'text/yaml',
      text: text.replace('title: One MX waits', 'title: My own'),
    });
    await see(host(page, 'A'), page.getByRole('button', { name: 'Labs and open worlds' }).getByText('My own'));
  });

  it('many at once', async () => {
    const { page } = await open('one-mx-waits');
    await page.getByRole('button', { name: 'Send mail' }).click();
    const form = dialog(page, 'Send mail');
    await form.getByLabel('Number').fill('12');
    await form.getByLabel('One every').fill('30s');
    await form.getByRole('button', { name: 'Send 12' }).click();
    await jump(page, '+1 h');
    await see(eventRow(page, /is in the mailbox of alice/));
    await select(page, 'A', 'Mailboxes');
    await see(inspector(page).getByRole('button', { name: 'alice 12' }));
  });

  it('from one’s own programs: the ports and lines to copy are right', async () => {
    const { page } = await open('relay-through-firewall', { clipboard: true });
    const copied = (): Promise<string> => page.evaluate(() => (globalThis as any).navigator.clipboard.readText());
    await page.getByRole('button', { name: 'Copy the swaks command' }).click();
    await see(page.getByText('copied'));
    expect(await copied()).toMatch(
      /^swaks --server 127\.0\.0\.1:\d+ --from carol@elsewhere\.test --to alice@theorganisation\.test/,
    );
    await page.getByRole('button', { name: 'Send mail' }).click();
    const form = dialog(page, 'Send mail');
    await form.getByRole('group', { name: 'Server' }).getByRole('button', { name: /^C/ }).click();
    await form.getByRole('button', { name: 'Copy the line for swaks' }).click();
    await soon(copied).toMatch(/^swaks --server 127\.0\.0\.1:\d+ --from/);
    const port = Number(/:(\d+)/.exec(await copied())![1]);
    expect(await greeting(port)).toMatch(/^220 c\.elsewhere\.test/);
    await form.getByRole('button', { name: 'Copy the line for dig' }).click();
    await soon(copied).toMatch(/^dig @127\.0\.0\.1 -p \d+ MX theorganisation\.test$/);
    await page.keyboard.press('Escape');
    await search(page, '220');
    await see(eventRow(page, /220 c.elsewhere.test/));
  });

  it('HTML of a mail is shown in a frame that does nothing and loads nothing, whatever is in it', async () => {
    const { page } = await open('one-mx-waits');
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).hostname));
    const html =
      '<p>Dear <b>alice</b></p><script>parent.document.title = "taken"</script><img src="http://spy.example/p.gif" onerror="top.taken = 1"><img src="x" onerror="alert(1)">' +
      '<style>@import url(http://spy.example/s.css); body { background: url(http://spy.example/b.png) }</style><a href="javascript:alert(1)" onclick="alert(2)">here</a>' +
      '<form action="http://spy.example/"><button>Send</button></form><iframe src="http://spy.example/"></iframe><svg onload="alert(3)"></svg><base href="http://spy.example/"><meta http-equiv="refresh" content="0;url=http://spy.example/">';
    const letter = [
      'From: carol@elsewhere.test',
      'To: alice@theorganisation.test',
      'Subject: Look here',
      'MIME-Version: 1.0',
      'Content-Type: text/html',
      '',
      html,
      '',
    ].join('\n');
    await drop(map(page), { name: 'letter.eml', type: 'message/rfc822', text: letter });
    await dialog(page, 'Send mail').getByRole('button', { name: 'Send', exact: true }).click();
    await jump(page, '+5 min');
    await select(page, 'A', 'Mailboxes');
    await inspector(page)
      .getByRole('list', { name: 'Mailbox of alice' })
      .getByRole('button', { name: /^Look here/ })
      .click();
    await inspector(page).getByRole('tab', { name: 'HTML' }).click();
    const frame = inspector(page).getByTitle('The mail’s HTML');
    expect(await frame.getAttribute('sandbox')).toBe('');
    await see(inspector(page).getByText('Nothing is loaded from elsewhere: 2 left out.'));
    const body = frame.contentFrame().locator('body');
    await see(body.getByText('Dear alice'), body.getByText('here'));
    expect(
      await body
        .locator('script, style, form, button, iframe, svg, base, meta, [src], [href], [onclick], [onerror]')
        .count(),
    ).toBe(0);
    expect(asked.filter((name) => name !== '127.0.0.1')).toEqual([]);
    expect(await page.title()).toBe('One MX waits · Mail Lab');
  });

  it('has the letters of the guide as they are there: the one of the step first, then what is still to be sent', async () => {
    const { page } = await open('backup-disk-fills');
    await guide(page).getByRole('button', { name: 'Step after' }).click();
    await page.getByRole('button', { name: 'Send mail' }).first().click();
    const form = dialog(page, 'Send mail');
    const field = (label: string): Promise<string> => form.getByLabel(label, { exact: true }).inputValue();
    expect([
      await field('From'),
      await field('Number'),
      await field('One every'),
      await field('Size'),
      await field('Name'),
    ]).toEqual(['offers@spammer.test', '60', '10m', '40 KB', 'spam']);
    await form.getByLabel('Letter').selectOption({ label: 'Step 3 of the guide: “Minutes of the meeting”' });
    expect([await field('From'), await field('Number'), await field('Name')]).toEqual([
      'carol@elsewhere.test',
      '1',
      'minutes',
    ]);
    await form.getByRole('button', { name: 'Send', exact: true }).click();
    await form.waitFor({ state: 'hidden' });
    await guide(page).getByRole('button', { name: 'Step after' }).click();
    await page.getByRole('button', { name: 'Send mail' }).first().click();
    expect([await field('Subject'), await field('Name')]).toEqual(['Agenda with the figures', 'agenda']);
    await form.getByLabel('Letter').selectOption({ label: 'One of your own' });
    expect(await field('Name')).toBe('');
  });

  it('while time stands, the dialog offers to start it', async () => {
    const { page } = await open('relay-through-firewall');
    const stands = await face(page).textContent();
    await page.getByRole('button', { name: 'Send mail' }).click();
    const form = dialog(page, 'Send mail');
    await see(
      form.getByRole('checkbox', { name: 'Time stands still: start the clock too' }).and(page.locator(':checked')),
    );
    await form.getByRole('button', { name: 'Send', exact: true }).click();
    await see(page.getByRole('button', { name: 'Pause' }));
    await soon(() => face(page).textContent()).not.toBe(stands);
  });
});

/** The first line that a published port says. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
  });
}
