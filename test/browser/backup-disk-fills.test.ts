/** The lab of the backup's disk, played from its guide and by hand: B says 552, or 452, or there is no B to say anything. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { gone, see, soon, useBrowser } from './bench.ts';
import {
  checks,
  clock,
  doStep,
  eventRow,
  face,
  guide,
  host,
  hostMenu,
  inspector,
  jump,
  map,
  queuePage,
  search,
  select,
  send,
  view,
} from './parts.ts';

const open = useBrowser();

/** A step may be a day of a flood, and the machine busy: so long for what is to be seen, and for a test of several steps. */
const SEEN_WITHIN_MS = 25_000;
const timeout = 90_000;

/** Its clock stands: its steps let pass what they say, and nothing more. */
async function opened(lab: string): Promise<Page> {
  const { page } = await open(lab);
  page.setDefaultTimeout(SEEN_WITHIN_MS);
  return page;
}

const inQueue = (page: Page, letter: string, count: number): Locator =>
  host(page, letter).and(page.getByRole('button', { name: new RegExp(`, ${count} messages? in its queue`) }));
const met = (page: Page): Promise<string | null> => checks(page).getByRole('status').textContent();
/** How full B's disk is, per cent: on its card, and in the tab that is open. */
const onCard = async (page: Page): Promise<number> =>
  Number(
    /(\d+) %/.exec(
      await map(page)
        .getByTitle(/ of 2 MB used/)
        .innerText(),
    )?.[1],
  );
const inTab = async (page: Page): Promise<number> =>
  Number(await inspector(page).getByRole('meter', { name: 'Disk in use' }).getAttribute('aria-valuenow'));
/** Messages with this subject in the mailbox that is open. */
const mails = (page: Page, user: string, subject = ''): Locator =>
  inspector(page)
    .getByRole('list', { name: `Mailbox of ${user}` })
    .getByRole('listitem')
    .filter({ hasText: subject });

/** Open a report in carol's mailbox, and return its card. */
async function openReport(page: Page, subject: RegExp): Promise<Locator> {
  await select(page, 'C', 'Mailboxes');
  await mails(page, 'carol').getByRole('button', { name: subject }).click();
  const card = inspector(page).getByRole('region', { name: /^(Failure report|Delay notice) to carol$/ });
  await see(card);
  return card;
}

/** The fields of a report's card, each in one line, as they are read. */
async function fields(card: Locator): Promise<string[]> {
  const [terms, values] = await Promise.all([
    card.getByRole('term').allInnerTexts(),
    card.getByRole('definition').allInnerTexts(),
  ]);
  return terms.map((term, index) => `${term}: ${values[index]}`);
}

/** What the guide asks at a step: guess, do the step, and be told. */
async function guess(page: Page, step: number, answer: string, verdict: RegExp): Promise<void> {
  await guide(page).getByRole('button', { name: answer, exact: true }).click();
  await see(guide(page).getByText('Your guess. You’ll see.'));
  await doStep(page, step);
  await see(guide(page).getByRole('status').filter({ hasText: verdict }));
}

describe('B says 552', { timeout }, () => {
  it('by the guide: B’s room falls away, and the agenda comes back to carol at once', async () => {
    const page = await opened('backup-disk-fills');
    await select(page, 'B', 'Disk');
    await see(
      inspector(page).getByText('2 MB free'),
      inspector(page).getByText('552 5.3.1'),
      inspector(page).getByText('it bounces'),
    );
    expect(await onCard(page)).toBe(0);
    await doStep(page, 2);
    await see(host(page, 'A').and(page.getByRole('button', { name: /, off,/ })));
    await soon(() => inTab(page)).toBeGreaterThan(5);
    const atTen = await inTab(page);
    await soon(() => onCard(page)).toBe(atTen);
    await doStep(page, 3);
    await soon(() => inTab(page)).toBeGreaterThan(40);
    const atOne = await inTab(page);
    expect(atOne).toBeLessThan(60);
    await soon(() => onCard(page)).toBe(atOne);
    await see(inspector(page).getByText('1 MB free'), inspector(page).getByText('When full, B says'));

    await guess(page, 4, '552 5.3.1 Mail system full', /You were right.*names the size of its message/s);
    await soon(() => inTab(page)).toBeGreaterThan(90);
    await soon(() => onCard(page)).toBe(await inTab(page));
    await see(inspector(page).getByText(/^Takes a message of [123]\d KB at most; 100 KB are kept free/));
    await search(page, '552');
    await see(
      eventRow(page, /S B Disk Refuses offers@spammer.test: disk full. Says 552 5.3.1 Mail system full/),
      eventRow(page, /^failed .* S Queue Failed for good: B said its disk is full/),
    );
    await select(page, 'B', 'Log');
    await inspector(page).getByRole('searchbox').fill('552');
    await see(
      inspector(page)
        .getByRole('log')
        .getByText(/reject: MAIL from s\.spammer\.test\S*: 552 5\.3\.1 Mail system full/),
    );

    await doStep(page, 5);
    await guess(
      page,
      6,
      'It keeps the agenda and tries again in half an hour',
      /No\. Right is: It sends the agenda back to carol at once/,
    );
    await see(
      eventRow(page, /C B SMTP 552 5.3.1 Mail system full/),
      eventRow(page, /^failed .* C Queue Failed for good: B said its disk is full: 552 5.3.1 Mail system full/),
    );
    await search(page, 'agenda');
    await see(eventRow(page, /^failed .* C carol DSN Tells carol: “Agenda with the figures” failed, and comes back/));
    await see(inQueue(page, 'C', 0));
    await select(page, 'C', 'Mailboxes');
    await see(
      mails(page, 'carol').getByRole('button', { name: /^Undelivered Mail Returned to Sender .* a report, no sender/ }),
    );

    await guide(page).getByRole('button', { name: 'Next step' }).click();
    await doStep(page, 8);
    await soon(() => met(page)).toBe('11 of 11');
    await see(inQueue(page, 'B', 0));
    await soon(() => onCard(page)).toBe(0);
    await select(page, 'A', 'Mailboxes');
    await see(mails(page, 'alice', 'Minutes of the meeting'), mails(page, 'alice', 'Make money fast'));
    expect(await mails(page, 'alice', 'Agenda').count()).toBe(0);
    await guide(page).getByRole('button', { name: 'Finish' }).click();
    await see(guide(page).getByText('That was the lab.'));
  });

  it('the report: its fields in words, and from there to the message, to what C tried for it, and to carol', async () => {
    const page = await opened('backup-disk-fills');
    for (const step of [2, 3, 4, 5, 6]) await doStep(page, step);
    const card = await openReport(page, /^Undelivered/);
    expect(await fields(card)).toEqual(
      expect.arrayContaining([
        'Action: failed will not be tried again',
        'Status: 5.3.1 mail system full, for good',
        'Final-Recipient: alice@theorganisation.test',
        'Remote-MTA: b.theorganisation.test',
        'Diagnostic-Code: smtp; 552 5.3.1 Mail system full',
        'Reporting-MTA: c.elsewhere.test',
      ]),
    );
    await card.getByRole('button', { name: '“Agenda with the figures”' }).click();
    await see(inspector(page).getByRole('heading', { name: 'Agenda with the figures' }));
    await see(inspector(page).getByText('carol@elsewhere.test to alice@theorganisation.test'));
    await gone(card);
    const story = inspector(page).getByRole('region', { name: 'Story' });
    await story.getByRole('button', { name: 'The attempt' }).first().click();
    await see(inspector(page).getByRole('heading', { name: 'Attempt 1 of C' }));
    await see(inspector(page).getByRole('region', { name: 'Transcript' }).getByText('552 5.3.1 Mail system full'));
    await inspector(page).getByRole('button', { name: '“Agenda with the figures”' }).click();
    await story.getByRole('button', { name: 'The report' }).click();
    await see(card);
    await card.getByRole('button', { name: 'carol, who wrote it' }).click();
    await see(mails(page, 'carol', 'Undelivered Mail Returned to Sender'));
  });

  it('by hand from the guide: its letter, its hour; “Do it for me” sends nothing twice, and an answer is told when it can be seen', async () => {
    const page = await opened('backup-disk-fills');
    await guide(page).getByRole('button', { name: 'Step after' }).click();
    await hostMenu(page, 'A', 'Switch off');
    await page.getByRole('button', { name: 'Send mail' }).first().click();
    const form = page.getByRole('dialog', { name: 'Send mail' });
    await form.getByRole('checkbox', { name: 'Time stands still: start the clock too' }).uncheck();
    await form.getByRole('button', { name: 'Send 60', exact: true }).click();
    await form.waitFor({ state: 'hidden' });
    await guide(page).getByRole('button', { name: 'Let the clock run to Mon 10:00' }).click();
    await soon(() => face(page).textContent()).toMatch(/^10:00:00/);
    await doStep(page, 2);
    await soon(() => face(page).textContent()).toMatch(/^10:00:00/);
    await search(page, '60 messages');
    await soon(() => eventRow(page, /Sent 60 messages/).count()).toBe(1);
    await doStep(page, 3);
    await guide(page).getByRole('button', { name: 'Next step' }).click();
    await see(guide(page).getByText('What do you think? Answer first, then run.'));
    await jump(page, '+4 h');
    await see(guide(page).getByRole('status').filter({ hasText: 'The answer: 552 5.3.1 Mail system full' }));
  });

  it('by hand: A off, B filled; what bounces at 552 waits at 452, and goes on when there is room and A is back', async () => {
    const page = await opened('backup-disk-fills');
    await clock(page).getByRole('button', { name: 'Play' }).click();
    await hostMenu(page, 'A', 'Switch off');
    await hostMenu(page, 'B', 'Fill its disk, leave 20 KB');
    await select(page, 'B', 'Disk');
    const tab = inspector(page);
    await see(
      tab.getByText('B now says'),
      tab.getByText('No message fits: 100 KB are kept free.'),
      tab.getByText(/^others 2 MB/),
    );
    await soon(() => onCard(page)).toBe(99);
    await send(page, { From: 'carol@elsewhere.test', Subject: 'First' });
    await jump(page, '+5 min');
    await search(page, 'first');
    await see(eventRow(page, /Tells carol: “First” failed, and comes back/));

    await tab.getByRole('button', { name: 'Say 452 instead' }).click();
    await see(
      tab.getByText('452 4.3.1'),
      tab.getByText('senders wait'),
      tab.getByRole('button', { name: 'Say 552 instead' }),
    );
    await send(page, { From: 'carol@elsewhere.test', Subject: 'Second' });
    await jump(page, '+5 min');
    await see(inQueue(page, 'C', 1));
    await select(page, 'C', 'Queue');
    await see(
      tab.getByText(/Will be tried again/),
      tab.getByText(/said: 452 4\.3\.1 Insufficient system storage \(in reply to MAIL FROM command\)/),
    );

    await hostMenu(page, 'B', 'Free its disk');
    await tab.getByRole('button', { name: 'Retry now' }).click();
    await jump(page, '+5 min');
    await see(tab.getByText('Nothing waits on C'), inQueue(page, 'B', 1));
    await hostMenu(page, 'A', 'Start');
    await hostMenu(page, 'B', 'Try queue now');
    await jump(page, '+5 min');
    await select(page, 'A', 'Mailboxes');
    await see(mails(page, 'alice', 'Second'));
    expect(await mails(page, 'alice').count()).toBe(1);
  });

  it('who knew what: carol at once, and nobody of the minutes that lie at B', async () => {
    const page = await opened('backup-disk-fills');
    for (const step of [2, 3, 4, 5, 6]) await doStep(page, step);
    await view(page, 'Who knew what').click();
    const knew = page.getByRole('region', { name: 'Who knew what', exact: true });
    const about = knew.getByRole('combobox', { name: 'About' });
    const told = knew
      .getByRole('list', { name: 'In words' })
      .getByRole('listitem')
      .filter({ hasText: /carol reads from C that .*(could not be delivered|late|delayed)/ });
    await about.selectOption(await about.getByRole('option', { name: /Agenda with the figures/ }).textContent());
    await see(told);
    await about.selectOption(await about.getByRole('option', { name: /Minutes of the meeting/ }).textContent());
    await gone(told);
  });
});

describe('B says 452', { timeout }, () => {
  it('by the guide: C keeps the agenda, tells carol after four hours, and brings it to A when A is back', async () => {
    const page = await opened('backup-disk-fills-temporary');
    await doStep(page, 2);
    await soon(() => onCard(page)).toBeGreaterThan(90);
    await guess(page, 3, 'C has it, and tells carol after four hours', /You were right/);
    await see(inQueue(page, 'C', 1));
    await select(page, 'C', 'Queue');
    await see(
      inspector(page).getByText(/Will be tried again in 2\d minutes/),
      inspector(page).getByText(/tells the sender after 13:00/),
      inspector(page).getByText(/^host b\.theorganisation\.test\S* said: 452 4\.3\.1 Insufficient system storage/),
    );
    await view(page, 'Queue').click();
    await queuePage(page).getByRole('button', { name: 'C 1' }).click();
    const grid = queuePage(page).getByRole('grid', { name: 'Messages' });
    const row = grid.getByRole('row', { name: /^carol@elsewhere.test to .*, Agenda with the figures$/ });
    await see(row.filter({ hasText: 'Not yet' }).filter({ hasText: '452 4.3.1 Insufficient system storage' }));
    await view(page, 'Bench').click();

    await doStep(page, 4);
    await search(page, 'tells carol');
    await see(
      eventRow(page, /^waiting 13:0\d:.* C carol DSN Tells carol: “Agenda with the figures” is late, and still tried/),
    );
    expect(await eventRow(page, /Tells carol/).count()).toBe(1);
    await select(page, 'C', 'Mailboxes');
    await see(mails(page, 'carol', 'Delayed Mail (still being retried)'), inQueue(page, 'C', 1));
    const card = await openReport(page, /^Delayed Mail/);
    expect(await fields(card)).toEqual(
      expect.arrayContaining([
        'Action: delayed is still tried',
        'Final-Recipient: alice@theorganisation.test',
        'Reporting-MTA: c.elsewhere.test',
      ]),
    );
    await card.getByRole('button', { name: '“Agenda with the figures”' }).click();
    await see(inspector(page).getByRole('heading', { name: 'Agenda with the figures' }));

    await doStep(page, 5);
    await soon(() => met(page)).toBe('12 of 12');
    await see(inQueue(page, 'C', 0), inQueue(page, 'B', 0));
    await search(page, 'agenda');
    await see(eventRow(page, /^arrived .* C A Queue A answers for “Agenda with the figures” now/));
    await select(page, 'A', 'Mailboxes');
    await see(mails(page, 'alice', 'Agenda with the figures'), mails(page, 'alice', 'Minutes of the meeting'));
    await select(page, 'C', 'Mailboxes');
    await soon(() => mails(page, 'carol').count()).toBe(1);
  });
});

describe('no B', { timeout }, () => {
  it('by the guide: each sender keeps its own mail, and carol is told of both of hers', async () => {
    const page = await opened('backup-disk-fills-none');
    await see(host(page, 'A'), host(page, 'C'), host(page, 'S'));
    expect(await host(page, 'B').count()).toBe(0);
    await guide(page).getByRole('button', { name: 'Next step' }).click();
    await guess(page, 2, "On S's own disk", /You were right/);
    await see(inQueue(page, 'S', 60), inQueue(page, 'C', 1));
    await select(page, 'S', 'Disk');
    await see(inspector(page).getByText('No limit'), inspector(page).getByText(/2\.\d MB in use/));

    await doStep(page, 3);
    await see(inQueue(page, 'S', 60), inQueue(page, 'C', 2));
    await select(page, 'C', 'Queue');
    await soon(() =>
      inspector(page)
        .getByText(/^Gives up .*, sender told /)
        .count(),
    ).toBe(2);
    await search(page, 'tells carol');
    for (const subject of ['Minutes of the meeting', 'Agenda with the figures']) {
      await see(eventRow(page, new RegExp(`Tells carol: “${subject}” is late, and still tried`)));
    }

    await doStep(page, 4);
    await soon(() => met(page)).toBe('10 of 10');
    await see(inQueue(page, 'S', 0), inQueue(page, 'C', 0));
    await select(page, 'A', 'Mailboxes');
    await see(inspector(page).getByRole('button', { name: 'alice 62' }));
    await see(mails(page, 'alice', 'Agenda with the figures'), mails(page, 'alice', 'Minutes of the meeting'));
    await select(page, 'C', 'Mailboxes');
    await soon(() => mails(page, 'carol', 'Delayed Mail').count()).toBe(2);
  });
});
