/** Zone, firewall, settings and faults, changed while the lab runs. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { gone, see, soon, useBrowser } from './bench.ts';
import {
  dialog,
  doStep,
  eventRow,
  host,
  hostMenu,
  inspector,
  jump,
  map,
  retype,
  search,
  select,
  send,
} from './parts.ts';

const open = useBrowser();

const ZONE = '$TTL 1h\n@ MX 1 a\n@ MX 2 b\na A 192.0.2.10\nb A 198.51.100.20\n';
const zoneEditor = (page: Page) => inspector(page).getByRole('textbox', { name: 'Zone theorganisation.test' });
const save = (page: Page) => inspector(page).getByRole('button', { name: 'Save' });
/** What a host would do, in the preview below the zone. */
const would = (page: Page, letter: string) =>
  inspector(page)
    .getByRole('region', { name: 'What each host would do now' })
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: letter, exact: true }) });
const rule = (page: Page, number: number) =>
  inspector(page)
    .getByRole('table', { name: 'Rules of the firewall' })
    .getByRole('row', { name: new RegExp(`^${number} `) });

describe('the zone', () => {
  it('with a mistake: said at its line, and the old one stays in force', async () => {
    const { page, api } = await open('relay-through-firewall');
    await map(page).getByRole('button', { name: 'Zone theorganisation.test' }).click();
    await see(would(page, 'C').getByText(/To A/));
    await retype(page, zoneEditor(page), ZONE.replace('MX 2 b', 'MX two b'));
    const notes = inspector(page).getByRole('list', { name: 'What is wrong with Zone theorganisation.test' });
    await see(notes.getByRole('button', { name: /^\D*3\b.*two/ }));
    await soon(() => save(page).isDisabled()).toBe(true);
    await page.keyboard.press('Control+s');
    const [world] = await api.worlds();
    const { zones } = await api.ask(world!.id, 'bench', [null]);
    expect(zones.find(({ name }) => name === 'theorganisation.test')?.text).toMatch(/MX 2 b/);
    expect(await would(page, 'C').innerText()).toMatch(/1\s*To A.*dropped by rule 3.*2\s*then B/s);
    await inspector(page).getByRole('button', { name: 'Revert' }).click();
    await gone(notes);
    await soon(() => zoneEditor(page).innerText()).toMatch(/MX 2 b/);
  });

  it('without one: in force at once, and what each host would do changes', async () => {
    const { page } = await open('relay-through-firewall');
    await map(page).getByRole('button', { name: 'Zone theorganisation.test' }).click();
    await see(would(page, 'C').getByText(/To A/));
    await retype(page, zoneEditor(page), ZONE.replace('MX 2 b', 'MX 0 b'));
    await soon(() => save(page).isEnabled()).toBe(true);
    await save(page).click();
    await soon(() => would(page, 'C').innerText()).toMatch(/0\s*To B.*1\s*then A/s);
    await soon(() => would(page, 'B').innerText()).toMatch(/Nowhere|not a\.theorganisation/);
    await hostMenu(page, 'B', 'Stop');
    await soon(() => would(page, 'C').innerText()).toMatch(/To B.*refused: B is stopped/s);
    await inspector(page).getByLabel('What each host would do now with mail for').fill('nobody@theorganisation.test');
    await soon(() => would(page, 'A').innerText()).toMatch(/Says 550 5\.1\.1 .*local recipient table/s);
    await soon(() => would(page, 'B').innerText()).toMatch(/Says 550 5\.1\.1 .*relay recipient table/s);
    await see(eventRow(page, /You DNS Person Edited the zone theorganisation.test/));
    await soon(() => save(page).isDisabled()).toBe(true);
  });
});

describe('the firewall', () => {
  it('counts what each rule met; saved with another rule it counts from 0, and the new rule holds', async () => {
    const { page } = await open('relay-through-firewall');
    await doStep(page, 3);
    await map(page)
      .getByRole('button', { name: /^Firewall/ })
      .click();
    await soon(() => rule(page, 3).innerText()).toMatch(/drop.*\b1$/s);
    await see(inspector(page).getByText('Last dropped: C to A, port 25', { exact: false }));
    await retype(
      page,
      inspector(page).getByRole('textbox', { name: 'Rules of the firewall' }),
      'allow b -> a port 25\nallow office -> office\nrejct any -> office port 25\ndefault allow\n',
    );
    await see(
      inspector(page)
        .getByRole('list', { name: /What is wrong/ })
        .getByRole('button', { name: /^\D*3\b/ }),
    );
    await soon(() => save(page).isDisabled()).toBe(true);
    await retype(
      page,
      inspector(page).getByRole('textbox', { name: 'Rules of the firewall' }),
      'allow b -> a port 25\nallow office -> office\nreject any -> office port 25\ndefault allow\n',
    );
    await soon(() => save(page).isEnabled()).toBe(true);
    await save(page).click();
    await soon(() => rule(page, 3).innerText()).toMatch(/reject.*\b0$/s);
    await send(page, { Subject: 'Once more' });
    await soon(() => rule(page, 3).innerText()).toMatch(/reject.*\b1$/s);
    await search(page, 'rejected');
    await see(eventRow(page, /C wall Rule Rejected by rule 3/));
  });
});

describe('a host', () => {
  it('stopped by its menu: mail for it will be tried again in so many minutes', async () => {
    const { page } = await open('one-mx-waits');
    await hostMenu(page, 'A', 'Stop');
    await see(host(page, 'A').and(page.getByRole('button', { name: /, stopped,/ })));
    await send(page);
    await select(page, 'C', 'Queue');
    await see(
      inspector(page).getByText(/Will be tried again in (\d+ minutes|half an hour)/),
      inspector(page).getByText(/refused/i),
    );
    await inspector(page).getByRole('button', { name: 'Hold' }).click();
    await see(inspector(page).getByText('Held: not tried until it is released'));
    await inspector(page).getByRole('button', { name: 'Release', exact: true }).click();
    await hostMenu(page, 'A', 'Start');
    await inspector(page).getByRole('button', { name: 'Retry now' }).click();
    await see(inspector(page).getByText('Nothing waits on C'));
  });

  it('is opened by right click too, and its line is cut and mended', async () => {
    const { page } = await open('one-mx-waits');
    await host(page, 'A').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Cut line' }).click();
    await see(host(page, 'A').and(page.getByRole('button', { name: /, line cut,/ })));
    await host(page, 'A').press('Shift+F10');
    await page.keyboard.press('m');
    await page.keyboard.press('Enter');
    await see(host(page, 'A').and(page.getByRole('button', { name: /, up,/ })), eventRow(page, /Mended the line of A/));
  });

  it('changes its settings while the lab runs, and says what is wrong with a value', async () => {
    const { page } = await open('one-mx-waits');
    await select(page, 'A', 'Settings');
    const capacity = inspector(page).getByRole('textbox', { name: 'Disk capacity' });
    await capacity.fill('lots');
    await capacity.press('Enter');
    await see(inspector(page).getByRole('alert'));
    expect(await capacity.getAttribute('aria-invalid')).toBe('true');
    await capacity.fill('64 MB');
    await capacity.press('Enter');
    await see(eventRow(page, /Changed settings of A: disk/));
    await gone(inspector(page).getByRole('alert'));
    await inspector(page).getByRole('combobox', { name: 'When the disk is full' }).selectOption('552 5.3.1, never');
    await see(eventRow(page, /Changed settings of A: disk full reply/));
    await inspector(page).getByRole('tab', { name: 'Disk' }).click();
    await see(inspector(page).getByText(/of 64 MB/), inspector(page).getByText('552 5.3.1'));
    await inspector(page).getByRole('button', { name: 'Fill it' }).click();
    await see(inspector(page).getByText('100 % full'), inspector(page).getByText('A now says'));
  });

  it('takes a fault by its form, which the keyboard reaches and leaves', async () => {
    const { page } = await open('one-mx-waits');
    await hostMenu(page, 'A', 'Fault…');
    const form = dialog(page, 'Fault at A');
    await soon(() =>
      form
        .getByRole('combobox', { name: 'Stage' })
        .evaluate((field) => field === (field as any).ownerDocument.activeElement),
    ).toBe(true);
    await page.keyboard.press('Escape');
    await gone(form);
    await hostMenu(page, 'A', 'Fault…');
    await form.getByRole('textbox', { name: 'Answer' }).fill('later, please');
    await see(form.getByText('An answer begins with a code of three digits', { exact: false }));
    await soon(() => form.getByRole('button', { name: 'Set fault' }).isDisabled()).toBe(true);
    await form.getByRole('textbox', { name: 'Answer' }).fill('451 4.7.1 Not before tea');
    await form.getByRole('button', { name: 'Set fault' }).click();
    await gone(form);
    await send(page);
    await select(page, 'C', 'Queue');
    await see(inspector(page).getByText(/Not before tea/), eventRow(page, /The fault “fault-a-1” strikes/));
    await hostMenu(page, 'A', 'Fault…');
    await see(form.getByText(/at RCPT: 451 4.7.1 Not before tea/));
    await form.getByRole('button', { name: 'Take back' }).click();
    await gone(form.getByText(/Not before tea/));
    await form.getByRole('button', { name: 'Cancel' }).click();
    await inspector(page).getByRole('button', { name: 'Retry now' }).click();
    await jump(page, '+5 min');
    await see(inspector(page).getByText('Nothing waits on C'));
  });

  it('shows its mail log, and finds in it', async () => {
    const { page } = await open('relay-through-firewall');
    await doStep(page, 3);
    await select(page, 'B', 'Log');
    const log = inspector(page).getByRole('log', { name: 'Mail log of B' });
    await see(log.getByText(/status=sent/));
    await inspector(page).getByRole('searchbox').fill('disconnect');
    await gone(log.getByText(/status=sent/));
    await see(log.getByText(/disconnect from c.elsewhere.test/));
  });
});
