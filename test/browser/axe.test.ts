/**
 * What axe-core finds wrong with roles, names and contrast: nothing, in any view, light and dark. A view is brought about as a
 * person does it, and looked at while the clock stands.
 */
import type { Page } from 'playwright-core';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { gone, see, soon, useBrowser } from './bench.ts';
import {
  banner,
  clock,
  dialog,
  doStep,
  drop,
  eventRow,
  guide,
  host,
  hostMenu,
  inspector,
  jump,
  map,
  pause,
  playHead,
  queuePage,
  retype,
  search,
  select,
  send,
  view,
} from './parts.ts';

const open = useBrowser();

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
/** Roles, names and sizes are the same in both themes: of the dark one only its colours are left to be looked at. */
const RULES = { light: WCAG, dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } };

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** Nothing is wrong with what is on the screen now, in either theme. One view with faults does not hide those of the next. */
async function isWell(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    expect.soft(await violations(page, RULES[theme]), `${name}, ${theme}`).toEqual([]);
  }
}

/** One line each: rule, how grave it is, where, and what is to be mended. */
async function violations(page: Page, runOnly: { type: string; values: string[] }): Promise<string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(AXE);
  const found = await page.evaluate(async (rules): Promise<Violation[]> => {
    const { axe, document, requestAnimationFrame } = globalThis as any;
    await document.fonts.ready;
    // The theme is painted, and what moves has come to rest; what goes round for ever is left out.
    for (let count = 0; count < 2; count += 1) await new Promise((resolve) => void requestAnimationFrame(resolve));
    const endsOf = (one: any): number => Number(one.effect?.getComputedTiming().endTime);
    const moving = document
      .getAnimations()
      .filter((one: any) => one.playState === 'running' && Number.isFinite(endsOf(one)));
    await Promise.allSettled(moving.map((one: any) => one.finished));
    // The frame of a mail's HTML lets no script in, axe neither: calling to it would only be a complaint on the console.
    return (await axe.run(document, { runOnly: rules, resultTypes: ['violations'], iframes: false })).violations;
  }, runOnly);
  const mend = (summary = ''): string => summary.split('\n').slice(1).join(' ').trim();
  return found.flatMap(({ id, impact, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} (${impact}) at ${target.flat().join(' ')}: ${mend(failureSummary)}`,
    ),
  );
}

const LETTER = [
  'From: Carol <carol@elsewhere.test>',
  'To: alice@theorganisation.test',
  'Subject: Both ways',
  'Message-ID: <both.1@elsewhere.test>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/alternative; boundary=cut',
  '',
  '--cut',
  'Content-Type: text/plain',
  '',
  'Good morning.',
  '--cut',
  'Content-Type: text/html',
  '',
  '<h1>Good morning</h1><p>Look <a href="https://www.example.org">here</a>.</p>',
  '--cut--',
  '',
].join('\n');

describe('before a lab', () => {
  it('the welcome page, and the mistakes of a lab file', async () => {
    const { page } = await open();
    await see(page.getByRole('heading', { name: 'A lab of your own' }));
    await isWell(page, 'welcome page');
    const text = 'title: Mine\nclock: { start: yesterday }\nzonez: {}\n';
    await drop(page.getByRole('main'), { name: 'mine.yaml', type: 'text/yaml', text });
    await see(page.getByRole('alert').getByText('mine.yaml was not opened'));
    await isWell(page, 'mistakes of a lab file');
    await page.getByRole('button', { name: 'Licences' }).click();
    await see(dialog(page, 'Licences').getByText('SIL OPEN FONT LICENSE', { exact: false }));
    await isWell(page, 'licences');
  });
});

describe('after a lab', () => {
  it('the welcome page with where one stopped, and a deletion that was asked for', async () => {
    const { page } = await open('relay-through-firewall');
    await hostMenu(page, 'B', 'Stop');
    await page.getByRole('button', { name: 'Labs and open worlds' }).click();
    await page.getByRole('menuitem', { name: /^Close / }).click();
    await see(page.getByRole('region', { name: 'Where you stopped' }).getByText('A relay through the firewall'));
    await page.getByRole('button', { name: /^Delete A relay/ }).click();
    await see(page.getByText('For good?'));
    await isWell(page, 'welcome page with where one stopped');
  });
});

describe('the bench', () => {
  it('at its start, with each menu and form open', async () => {
    const { page } = await open('relay-through-firewall');
    await isWell(page, 'bench at its start');
    await page.getByRole('button', { name: 'Labs and open worlds' }).click();
    await see(page.getByRole('menu').getByText('Open now'));
    await isWell(page, 'labs menu');
    await page.keyboard.press('Escape');
    await gone(page.getByRole('menu'));
    await clock(page).getByRole('button', { name: 'Go to…' }).click();
    await page.getByRole('textbox', { name: 'Go to' }).fill('next week or so');
    await page.keyboard.press('Enter');
    await see(page.getByText('is not a time that I know', { exact: false }));
    await isWell(page, 'going to a time');
    await page.keyboard.press('Escape');
    await gone(page.getByRole('textbox', { name: 'Go to' }));
    await host(page, 'B').click({ button: 'right' });
    await see(page.getByRole('menu'));
    await isWell(page, 'menu of a host');
    await page.keyboard.press('Escape');
    await hostMenu(page, 'B', 'Fault…');
    await dialog(page, 'Fault at B').getByRole('textbox', { name: 'Answer' }).fill('later, please');
    await see(dialog(page, 'Fault at B').getByText('An answer begins with a code', { exact: false }));
    await isWell(page, 'fault form');
  });

  it('with the guide’s question and hint, and with a message relayed', async () => {
    const { page } = await open('relay-through-firewall');
    await guide(page).getByRole('button', { name: 'Hint' }).click();
    await isWell(page, 'guide with a hint');
    await guide(page)
      .getByRole('button', { name: /^Step 2,/ })
      .click();
    await guide(page)
      .getByRole('button', { name: /^It bounces/ })
      .click();
    await see(guide(page).getByText('Your guess.', { exact: false }));
    await isWell(page, 'guide with a question');
    await guide(page).getByRole('button', { name: 'Next step' }).click();
    await see(guide(page).getByRole('status').filter({ hasText: 'No. Right is' }));
    await doStep(page, 3);
    await see(map(page).getByText('250 2.0.0: A has it'), eventRow(page, /is in the mailbox of alice/));
    await isWell(page, 'bench after a relay');
    await search(page, 'rule 3');
    await eventRow(page, /Dropped by rule 3/).hover();
    await see(eventRow(page, /Dropped by rule 3/).getByRole('button', { name: /^Hide events like this/ }));
    await isWell(page, 'events searched');
    await search(page, 'no such words');
    await see(page.getByText('No event is like that.', { exact: false }));
    await isWell(page, 'events without any');
  });

  it('in a narrow window, with its menu of jumps and the inspector over the middle', async () => {
    const { page } = await open('one-mx-waits', { width: 1_024, height: 700 });
    await clock(page).getByRole('button', { name: 'Jump', exact: true }).click();
    await see(page.getByRole('menu'));
    await isWell(page, 'narrow bench with its jumps');
    await page.keyboard.press('Escape');
    await map(page).getByText('c.elsewhere.test').click();
    await see(inspector(page).getByRole('heading', { name: 'c.elsewhere.test' }));
    await isWell(page, 'narrow bench with a host');
  });

  it('with zone and firewall, right and wrong', async () => {
    const { page } = await open('relay-through-firewall');
    await doStep(page, 3);
    await map(page).getByRole('button', { name: 'Zone theorganisation.test' }).click();
    await see(inspector(page).getByRole('region', { name: 'What each host would do now' }).getByText(/To A/));
    await isWell(page, 'zone');
    const zone = inspector(page).getByRole('textbox', { name: 'Zone theorganisation.test' });
    await retype(page, zone, '$TTL 1h\n@ MX 1 a\n@ MX two b ; or ten?\na A 192.0.2.10\n');
    await see(
      inspector(page)
        .getByRole('list', { name: /What is wrong/ })
        .getByRole('button', { name: /^\D*3\b.*two/ }),
    );
    await isWell(page, 'zone with an error');
    await map(page)
      .getByRole('button', { name: /^Firewall/ })
      .click();
    await see(inspector(page).getByText('Last dropped: C to A, port 25', { exact: false }));
    await isWell(page, 'firewall');
    const rules = inspector(page).getByRole('textbox', { name: 'Rules of the firewall' });
    await retype(page, rules, 'allow b -> a port 25\nrejct any -> office\ndefault allow\n');
    await see(
      inspector(page)
        .getByRole('list', { name: /What is wrong/ })
        .getByRole('button', { name: /^\D*2\b/ }),
    );
    await isWell(page, 'firewall with an error');
  });

  it('with what goes wrong: an act that fails, and no connection', async () => {
    const { page } = await open('relay-through-firewall');
    let cutOff = (): void => {};
    await page.routeWebSocket(/\/lab\?/, (socket) => {
      socket.connectToServer();
      cutOff = () => void socket.close();
    });
    await page.reload();
    // Nothing is granted: the clipboard neither.
    await page.context().grantPermissions([]);
    await page.getByRole('button', { name: 'Copy the swaks command' }).click();
    await see(page.getByRole('alert').filter({ hasText: 'That did not work' }));
    await isWell(page, 'trouble');
    cutOff();
    await see(page.getByRole('alert').filter({ hasText: 'Not connected' }));
    await isWell(page, 'no connection');
  });
});

describe('the dialog Send mail', () => {
  it('with a message, with mistakes, and with the ports for one’s own clients', async () => {
    const { page } = await open('relay-through-firewall');
    await page.getByRole('button', { name: 'Send mail' }).click();
    const form = dialog(page, 'Send mail');
    await see(form);
    await isWell(page, 'dialog Send mail');
    await form.getByRole('button', { name: 'Copy the line for dig' }).scrollIntoViewIfNeeded();
    await isWell(page, 'ports for one’s own clients');
    await form.getByLabel('To', { exact: true }).fill('alice');
    await form.getByRole('button', { name: 'Send', exact: true }).click();
    await see(form.getByText('Not sent: see what is marked above.'));
    await isWell(page, 'dialog Send mail with mistakes');
  });
});

describe('the inspector', () => {
  it('with a host that holds much, in each tab', async () => {
    const { page } = await open('one-mx-waits');
    await hostMenu(page, 'A', 'Stop');
    await send(page, { Number: '2', Subject: 'Report' });
    await jump(page, '+5 min');
    await pause(page);
    await select(page, 'C', 'Queue');
    await inspector(page).getByRole('button', { name: 'Hold' }).first().click();
    await see(
      inspector(page).getByText('Held: not tried until it is released'),
      inspector(page).getByText(/Will be tried again/),
    );
    await isWell(page, 'queue of C');
    await select(page, 'C', 'Log');
    await see(
      inspector(page)
        .getByRole('log')
        .getByText(/status=deferred/),
    );
    await isWell(page, 'log of C');
    await select(page, 'C', 'Settings');
    for (const group of ['Whose mail it takes', 'Trust and filters', 'Extensions offered']) {
      await inspector(page).getByText(group, { exact: true }).click();
    }
    await isWell(page, 'settings of C');
    const lifetime = inspector(page).getByRole('textbox', { name: 'Give up after', exact: true });
    await lifetime.fill('a while');
    await lifetime.press('Enter');
    await see(inspector(page).getByRole('alert'));
    await isWell(page, 'settings of C with a mistake');
    await select(page, 'A', 'Disk');
    await isWell(page, 'disk of A without limit');
    await inspector(page)
      .getByRole('button', { name: /^Make it/ })
      .click();
    await inspector(page).getByRole('button', { name: 'Fill it' }).click();
    await see(inspector(page).getByText('100 % full'));
    await isWell(page, 'disk of A, full');
  });

  it('with a host that holds nothing, and with the mailbox of alice', async () => {
    const { page } = await open('relay-through-firewall');
    for (const tab of ['Queue', 'Mailboxes', 'Log', 'Sessions']) {
      await select(page, 'B', tab);
      await isWell(page, `empty ${tab.toLowerCase()} of B`);
    }
    await doStep(page, 3);
    await select(page, 'A', 'Mailboxes');
    await see(
      inspector(page)
        .getByRole('list', { name: 'Mailbox of alice' })
        .getByRole('button', { name: /^Minutes/ }),
    );
    await isWell(page, 'mailbox of alice');
  });

  it('with an attempt: why it went as it went, and what was said', async () => {
    const { page } = await open('relay-through-firewall');
    await doStep(page, 3);
    await search(page, 'queued as');
    await eventRow(page, /C B SMTP 250 2.0.0 Ok: queued as/).click();
    await see(inspector(page).getByRole('heading', { name: /^Attempt 1 of C/ }));
    const transcript = inspector(page).getByRole('region', { name: 'Transcript' });
    await see(inspector(page).getByText(/rule 3/i), transcript.getByText('EHLO c.elsewhere.test'));
    await isWell(page, 'attempt');
    await search(page, 'rule 3');
    await eventRow(page, /C wall Rule Dropped by rule 3/).click();
    const chosen = page.getByRole('row', { selected: true });
    await see(
      eventRow(page, /C wall Rule Dropped by rule 3/).and(chosen),
      inspector(page).getByRole('heading', { name: /^Attempt 1 of C/ }),
    );
    await isWell(page, 'attempt under way');
  });

  it('with a message of text and HTML in each tab, and with a report', async () => {
    const { page } = await open('one-mx-waits');
    await send(page, { To: 'nobody@theorganisation.test', Subject: 'Nobody there' });
    await drop(map(page), { name: 'letter.eml', type: 'message/rfc822', text: LETTER });
    await dialog(page, 'Send mail').getByRole('button', { name: 'Send', exact: true }).click();
    await jump(page, '+5 min');
    await pause(page);
    await select(page, 'A', 'Mailboxes');
    await inspector(page)
      .getByRole('list', { name: 'Mailbox of alice' })
      .getByRole('button', { name: /^Both ways/ })
      .click();
    await see(inspector(page).getByRole('heading', { name: 'Both ways' }));
    for (const tab of ['Story', 'Text', 'HTML', 'Headers', 'Parts', 'Raw']) {
      await inspector(page).getByRole('tab', { name: tab, exact: true }).click();
      await isWell(page, `message, ${tab}`);
    }
    await select(page, 'C', 'Mailboxes');
    await inspector(page)
      .getByRole('list', { name: 'Mailbox of carol' })
      .getByRole('button', { name: /^Undelivered/ })
      .click();
    await inspector(page).getByRole('tab', { name: 'Story' }).click();
    await see(
      inspector(page).getByRole('region', { name: 'Failure report to carol' }).getByText('nobody@theorganisation.test'),
    );
    await isWell(page, 'report');
  });
});

describe('the past', () => {
  it('with its banner, with a dialogue that was open then, and as a branch beside the run that it left', async () => {
    const { page } = await open('relay-through-firewall');
    await doStep(page, 3);
    await search(page, 'EHLO');
    await eventRow(page, /EHLO c.elsewhere.test/).click();
    await see(banner(page));
    await select(page, 'C', 'Sessions');
    await see(inspector(page).getByRole('list', { name: 'Sessions of C' }));
    await isWell(page, 'sessions of C in the past');
    await search(page, 'Sends the message');
    await eventRow(page, /carol C SMTP Sends the message/).click();
    await see(map(page).getByRole('button', { name: 'a message, from carol to C' }));
    await isWell(page, 'message handed in');
    await eventRow(page, /C B SMTP Sends the message/).click();
    const envelope = map(page).getByRole('button', { name: /^“Minutes of the meeting”, from C to B/ });
    await see(envelope);
    await isWell(page, 'message on its way');
    await envelope.click({ button: 'right' });
    await see(page.getByRole('menu'));
    await isWell(page, 'menu of a message');
    await page.keyboard.press('Escape');
    await playHead(page).press('Home');
    await see(map(page).getByRole('button', { name: /^Host C,.* 0 messages/ }));
    await isWell(page, 'past');
    await view(page, 'Two worlds').click();
    await see(page.getByRole('heading', { name: 'A second world is missing' }));
    await isWell(page, 'two worlds without a second');
    await view(page, 'Bench').click();
    await banner(page).getByRole('button', { name: 'Go on from here' }).click();
    await see(page.getByRole('button', { name: 'Labs and open worlds' }).getByText('branch 1'));
    await isWell(page, 'branch');
    await view(page, 'Two worlds').click();
    const table = page.getByRole('region', { name: 'Two worlds', exact: true }).getByRole('table');
    await soon(() => table.getByRole('row').count()).toBeGreaterThan(3);
    await isWell(page, 'two worlds');
  });
});

describe('the other pages', () => {
  it('the queue: empty, with messages, with one chosen, with those that left, and one that failed', async () => {
    const { page } = await open('one-mx-waits');
    await view(page, 'Queue').click();
    await see(queuePage(page).getByText('No mail waits anywhere'));
    await isWell(page, 'empty queue page');
    await view(page, 'Bench').click();
    await send(page, { Subject: 'Before' });
    await send(page, { To: 'nobody@theorganisation.test', Subject: 'Nobody there' });
    await jump(page, '+5 min');
    await hostMenu(page, 'A', 'Switch off');
    await send(page, { Number: '3', To: 'alice@theorganisation.test', Subject: 'Report' });
    await jump(page, '+5 min');
    await pause(page);
    await view(page, 'Queue').click();
    const rows = queuePage(page)
      .getByRole('grid', { name: 'Messages' })
      .getByRole('row', { name: /carol@elsewhere.test to alice/ });
    await soon(() => rows.count()).toBe(3);
    await isWell(page, 'queue page');
    await rows.first().click();
    await see(
      queuePage(page)
        .getByRole('region', { name: 'Selected message' })
        .getByText(/will be tried again/),
    );
    await isWell(page, 'queue page with a message chosen');
    await queuePage(page).getByRole('button', { name: /^Left/ }).click();
    await see(rows.filter({ hasText: 'No need' }));
    await isWell(page, 'queue page with what left');
    await queuePage(page)
      .getByRole('button', { name: /^Failed/ })
      .click();
    await queuePage(page)
      .getByRole('grid', { name: 'Messages' })
      .getByRole('row', { name: /to nobody/ })
      .click();
    await see(
      queuePage(page).getByRole('region', { name: 'Selected message' }).getByText('nobody@theorganisation.test'),
    );
    await isWell(page, 'queue page with a message that failed');
  });

  it('who knew what: nothing, and of a message that was late', async () => {
    const { page } = await open('one-mx-waits');
    await view(page, 'Who knew what').click();
    await see(page.getByText('Nobody has handed in a message yet'));
    await isWell(page, 'who knew what without mail');
    for (const step of [2, 3, 4]) await doStep(page, step);
    const lanes = page.getByRole('region', { name: 'Who knew what', exact: true });
    const told = lanes
      .getByRole('list', { name: 'In words' })
      .getByRole('listitem')
      .filter({ hasText: /carol.*(late|delay)/ });
    await told.first().getByRole('button').first().click();
    await lanes
      .getByRole('group', { name: 'Lanes' })
      .getByRole('button', { name: /^carol: / })
      .first()
      .hover();
    await see(lanes.getByRole('tooltip'));
    await isWell(page, 'who knew what');
  });
});
