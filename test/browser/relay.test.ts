/** The lab of the article, by mouse: from the welcome page to alice's mailbox, past the wall. */
import { describe, expect, it } from 'vitest';
import { see, soon, useBrowser } from './bench.ts';
import { checks, clock, doStep, eventRow, guide, host, inspector, jump, map, search, select, send } from './parts.ts';

const open = useBrowser();

describe('a relay through the firewall', () => {
  it('opens with one click on the welcome page, and its time stands until somebody starts it', async () => {
    const { page } = await open();
    await see(page.getByRole('heading', { name: 'See what MX records really do' }));
    expect(await page.title()).toBe('Mail Lab');
    await page.getByRole('button', { name: 'A relay through the firewall' }).click();
    await see(
      host(page, 'A'),
      host(page, 'B'),
      host(page, 'C'),
      guide(page).getByText('Step 1'),
      eventRow(page, /Lab opened: A relay through the firewall/),
    );
    await soon(() => page.title()).toBe('A relay through the firewall · Mail Lab');
    await see(page.getByText('a minute each second'));
    await page.getByRole('button', { name: 'Play' }).click();
    await see(page.getByRole('button', { name: 'Pause' }));
  });

  it('sends by “Do it for me”: the wall stops C, B passes it on, and all checks are met', async () => {
    const { page } = await open('relay-through-firewall', { motion: true });
    await soon(() => checks(page).getByRole('status').textContent()).toBe('1 of 8');
    await doStep(page, 3);
    await see(
      map(page).getByText('Rule 3: drop the rest'),
      map(page).getByText('no answer, 30 s'),
      map(page).getByText('250 2.0.0: B has it'),
      map(page).getByText('250 2.0.0: A has it'),
    );
    await see(eventRow(page, /A alice Queue “Minutes of the meeting” is in the mailbox of alice/));
    await soon(() => checks(page).getByRole('status').textContent()).toBe('8 of 8');
    await search(page, 'dropped rule');
    await see(eventRow(page, /^blocked .* C wall Rule Dropped by rule 3: any/));
    await search(page, 'is next');
    await see(eventRow(page, /C A Connect No answer in 30 s, so B is next/));
  });

  it('sends by the Send dialog: the wait at the wall is seen, then the relay', async () => {
    const { page } = await open('relay-through-firewall');
    // At 60× the wait at the wall would be over after half a second.
    await clock(page).getByRole('slider', { name: 'Speed' }).press('Home');
    await send(page, { Subject: 'Agenda' });
    await see(
      page.getByText('The firewall dropped C’s call to A; C waits for an answer'),
      map(page).getByText('Rule 3: drop the rest'),
    );
    await see(page.getByRole('button', { name: 'Host C, c.elsewhere.test, up, 1 message in its queue' }));
    await jump(page, '+5 min');
    await see(page.getByText('A put “Agenda” into alice’s mailbox'));
    await search(page, 'better MX');
    await see(eventRow(page, /B Queue A is a better MX than B: hands it to A/));
    await select(page, 'A', 'Mailboxes');
    await see(
      inspector(page)
        .getByRole('list', { name: 'Mailbox of alice' })
        .getByRole('button', { name: /^Agenda .* from carol@elsewhere.test/ }),
    );
    await see(host(page, 'C').and(page.getByRole('button', { name: /, 0 messages in its queue/ })));
  });

  it('asks before it shows: what was guessed is judged when the step is done', async () => {
    const { page } = await open('relay-through-firewall');
    await guide(page)
      .getByRole('button', { name: /^Step 2,/ })
      .click();
    const question = guide(page).getByRole('group', {
      name: 'C is out on the Internet. What happens to a message from carol to alice?',
    });
    await question.getByRole('button', { name: /^It bounces/ }).click();
    await see(guide(page).getByText('Your guess. You’ll see.'));
    expect(await question.getByRole('button', { name: /^It bounces/ }).getAttribute('aria-pressed')).toBe('true');
    await guide(page).getByRole('button', { name: 'Next step' }).click();
    await see(
      guide(page)
        .getByRole('status')
        .filter({ hasText: 'No. Right is: C fails at A, goes to B at once, and B passes it to A' }),
    );
    await see(guide(page).getByText('Step 3', { exact: true }), guide(page).getByText('1 done'));
    await guide(page)
      .getByRole('button', { name: /^Done: Step 2,/ })
      .click();
    await soon(() => question.getByRole('button', { name: /^C fails at A/ }).isDisabled()).toBe(true);
  });

  it('gives hints where the guide has one', async () => {
    const { page } = await open('relay-through-firewall');
    const hint = guide(page).getByRole('button', { name: 'Hint' });
    await hint.click();
    await see(guide(page).getByText('Select the firewall. The first rule that matches wins.'));
    expect(await hint.getAttribute('aria-expanded')).toBe('true');
  });

  it('says of each check what is not met yet', async () => {
    const { page } = await open('relay-through-firewall');
    await see(
      checks(page).getByRole('listitem').filter({ hasText: 'Not yet: no server has taken minutes yet.' }),
      checks(page).getByRole('listitem').filter({ hasText: 'Met: No message is lost' }),
    );
  });
});
