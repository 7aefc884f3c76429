/**
 * The built desktop program, run: in Electron where its runtime is there, else in the stand-in. A lab is played in its window;
 * files, menu and a second start do what they say; it ends cleanly; and a defect anywhere on the way turns the play red.
 */
import type { Page } from 'playwright-core';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { see, soon } from '../browser/bench.ts';
import { checks, clock, dialog, eventRow, face, guide, host, map } from '../browser/parts.ts';
import {
  buildProgram,
  missing,
  openDesktop,
  planted,
  removeFolders,
  ROOT,
  temporary,
  type Desktop,
} from './desktop.ts';
import { playLab } from './play.ts';

const timeout = 60_000;
const SEEN_WITHIN_MS = 15_000;
/** How long something is waited for that is not to come. */
const NOT_SEEN_WITHIN_MS = 4_000;

let app = '';
const open: Desktop[] = [];

beforeAll(() => {
  if (missing === null) app = buildProgram();
}, 120_000);
beforeEach(({ skip }) => {
  if (missing !== null && !process.env.CI) skip(missing);
});
afterEach(async () => {
  for (const desktop of open.splice(0)) await desktop.kill();
});
afterAll(removeFolders);

async function start(args: string[] = [], home?: string, program = app): Promise<Desktop> {
  const desktop = await openDesktop(program, args, home);
  open.push(desktop);
  desktop.page.setDefaultTimeout(SEEN_WITHIN_MS);
  return desktop;
}

const welcome = (page: Page) => page.getByRole('heading', { name: 'See what MX records really do' });

/** From the welcome page to the message in alice's mailbox, as a person does it. */
async function playByHand(page: Page): Promise<void> {
  await see(welcome(page));
  await page.getByRole('main').getByRole('button', { name: 'A relay through the firewall' }).click();
  await see(
    host(page, 'A'),
    host(page, 'B'),
    host(page, 'C'),
    eventRow(page, /Lab opened: A relay through the firewall/),
  );
  for (let step = 1; step < 3; step += 1) await guide(page).getByRole('button', { name: 'Step after' }).click();
  await guide(page).getByRole('button', { name: 'Do it for me' }).click();
  await see(eventRow(page, /A alice Queue “Minutes of the meeting” is in the mailbox of alice/));
  await expect.poll(() => checks(page).getByRole('status').textContent(), { timeout: SEEN_WITHIN_MS }).toBe('8 of 8');
}

/** Does anybody listen there? */
const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

/** The port of C, from the foot of the window. */
const portOfC = async (page: Page): Promise<number> =>
  Number(/127\.0\.0\.1:(\d+)/.exec((await page.getByRole('contentinfo').textContent()) ?? '')?.[1]);

describe('the window', { timeout }, () => {
  it('plays a lab; the end is clean: no port stays taken, and what was so lies in its folder', async () => {
    const { page, home, evaluate, ended, complaints } = await start();
    await playByHand(page);
    const port = await portOfC(page);
    expect(await isTaken(port)).toBe(true);
    await evaluate(({ app: program }) => program.quit());
    expect(await ended).toBe(0);
    expect(await isTaken(port)).toBe(false);
    expect(complaints()).toBe('');
    const [folder] = fs.readdirSync(path.join(home, 'labs'));
    expect(fs.readFileSync(path.join(home, 'labs', folder!, 'journal.log'), 'latin1')).toContain(
      '"kind":"mailbox-deliver"',
    );
    expect(JSON.parse(fs.readFileSync(path.join(home, 'recent.json'), 'utf8'))).toMatchObject([
      { id: 'relay-through-firewall' },
    ]);
    expect(JSON.parse(fs.readFileSync(path.join(home, 'window.json'), 'utf8'))).toMatchObject({
      width: 1280,
      height: 800,
    });
  });

  it('carries the whole contract: a lab of seven days, step by step', async () => {
    const { page, complaints } = await start();
    await see(welcome(page));
    const all = await playLab(page, 'one-mx-expires');
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter(({ passed }) => !passed)).toEqual([]);
    expect(complaints()).toBe('');
  });

  it('does what its menu says', async () => {
    const { page, evaluate } = await start();
    await see(welcome(page));
    const choose = (id: string): Promise<void> =>
      evaluate(({ Menu }, item) => Menu.getApplicationMenu()!.getMenuItemById(item)!.click(), id);
    await choose('licenses');
    await see(dialog(page, 'Licences').getByText('Permission is hereby granted', { exact: false }));
    await page.keyboard.press('Escape');
    await choose('lab:one-mx-waits');
    await see(host(page, 'A'), clock(page).getByRole('button', { name: 'Play' }));
    const stands = await face(page).textContent();
    await choose('play-pause');
    await soon(() => face(page).textContent()).not.toBe(stands);
    await choose('play-pause');
    await see(clock(page).getByRole('button', { name: 'Play' }));
    await choose('queue');
    await see(page.getByRole('region', { name: 'Queue', exact: true }));
    await choose('bench');
    await see(map(page));
    await choose('send');
    await see(dialog(page, 'Send mail'));
  });

  it('opens files: from the command line, by its dialog, and from a second start', async () => {
    const lab = path.join(ROOT, 'labs/sender-inside.yaml');
    const mail = path.join(temporary(), 'letter.eml');
    fs.writeFileSync(
      mail,
      'From: carol@elsewhere.test\r\nTo: alice@theorganisation.test\r\nSubject: From a file\r\n\r\nHello.\r\n',
    );
    const { page, home, evaluate } = await start([lab]);
    await see(eventRow(page, /Lab opened: The sender inside/));
    // A second start hands its files to the first one, and ends.
    await expect(openDesktop(app, [mail], home)).rejects.toThrow();
    const form = dialog(page, 'Send mail');
    await see(form.getByText('letter.eml'));
    expect(await form.getByLabel('To', { exact: true }).inputValue()).toBe('alice@theorganisation.test');
    await page.keyboard.press('Escape');
    await evaluate(
      ({ dialog: native, Menu }, file) => {
        native.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file] });
        Menu.getApplicationMenu()!.getMenuItemById('open')!.click();
      },
      path.join(ROOT, 'labs/line-cut.yaml'),
    );
    await see(eventRow(page, /Lab opened: The line is cut/));
  });

  it('is a room without doors: no Node, no other page, no other window, one channel', async () => {
    const { page, evaluate } = await start();
    await see(welcome(page));
    const found = await page.evaluate(() => {
      const world = globalThis as unknown as Record<string, unknown> & {
        open(url: string): unknown;
        location: { href: string };
      };
      const kinds = ['require', 'process', 'module', 'Buffer'].map((name) => typeof world[name]);
      return { kinds, channel: Object.keys(world.mailLab as object).sort() };
    });
    expect(found).toEqual({
      kinds: ['undefined', 'undefined', 'undefined', 'undefined'],
      channel: ['on', 'onClose', 'post'],
    });
    const before = page.url();
    await page.evaluate(() => {
      const world = globalThis as unknown as { open(url: string): unknown; location: { href: string } };
      world.open('https://elsewhere.test/');
      world.location.href = 'https://elsewhere.test/';
    });
    await see(welcome(page));
    expect(page.url()).toBe(before);
    await soon(() => evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(
      await page.evaluate(() =>
        fetch('https://elsewhere.test/').then(
          () => 'loaded',
          () => 'refused',
        ),
      ),
    ).toBe('refused');
  });
});

describe('a defect', { timeout }, () => {
  it.each<[string, string, RegExp, string]>([
    ['the preload knocks at another door', 'preload/index.cjs', /(["'`])page-port\1/, '"page-prt"'],
    [
      'the preload gives the page nothing',
      'preload/index.cjs',
      /exposeInMainWorld\((["'`])mailLab\1/,
      'exposeInMainWorld("mailLob"',
    ],
    ['main listens at another door', 'main/index.js', /(["'`])page-port\1/, '"page-prt"'],
    ['the scheme’s handler looks for the page elsewhere', 'main/index.js', /(["'`])\.\.\/renderer\1/, '"../rendered"'],
    ['the window lets its page have Node', 'main/index.js', /contextIsolation: ?(true|!0)/, 'contextIsolation: false'],
  ])('%s: the play is red', async (_name, file, from, to) => {
    const { page } = await start([], undefined, planted(app, file, from, to));
    page.setDefaultTimeout(NOT_SEEN_WITHIN_MS);
    await expect(playByHand(page)).rejects.toThrow();
  });
});
