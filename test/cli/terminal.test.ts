/** What a stranger wrote is shown on the terminal, and not obeyed: in the story, in checks, in errors, in data; in colour or without. */
import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { oneLine, visible, visibleJson } from '../../src/contract/visible.ts';
import { createScreen } from '../../src/cli/screen.ts';
import { command, temporary } from './command.ts';

/** All that a terminal could obey, and the marks that turn text round; line feed and tab are for the lines themselves. */
// eslint-disable-next-line no-control-regex -- these are the characters it is about
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const hostile = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    '\n',
    '\u001b',
    '[',
    '3',
    '1',
    'm',
    ']',
    '0',
    ';',
    '\u0007',
    '\u009b',
    '\u0000',
    '\u202e',
    '\u2066',
    '\u061c',
    '\u200f',
    '\ud800',
    'é',
  ),
});

describe('what is said', () => {
  it('holds nothing that a terminal obeys, whatever it was', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(visible(text)).not.toMatch(OBEYED);
        expect(oneLine(text)).not.toMatch(/[\n\t]/);
      }),
    );
  });

  it('is left as it is where it is harmless, and else written as in source text', () => {
    expect(visible('Grüße, 日本語 🙂\tx\n')).toBe('Grüße, 日本語 🙂\tx\n');
    expect(visible('a\u001b[2Jb\u202ec\r\nd\re')).toBe('a\\u{1b}[2Jb\\u{202e}c\nd\\u{d}e');
  });

  it('keeps our own colours and no others', () => {
    const lines: string[] = [];
    const stream = {
      isTTY: true,
      columns: 80,
      write: (text: string) => lines.push(text),
    } as unknown as NodeJS.WriteStream;
    const before = process.env.NO_COLOR;
    delete process.env.NO_COLOR;
    const screen = createScreen(stream);
    fc.assert(
      fc.property(hostile, hostile, (inside, outside) => {
        lines.length = 0;
        screen.say(`${screen.paint('bad', inside)}${outside}${screen.paint('good', 'ok')}`);
        const colours =
          inside === '' ? ['\u001b[32m', '\u001b[39m'] : ['\u001b[31m', '\u001b[39m', '\u001b[32m', '\u001b[39m'];
        // eslint-disable-next-line no-control-regex -- our own
        expect(lines.join('').match(/\u001b\[\d+m/g)).toEqual(colours);
        // eslint-disable-next-line no-control-regex -- our own
        expect(lines.join('').replace(/\u001b\[\d+m/g, '')).not.toMatch(OBEYED);
      }),
    );
    if (before !== undefined) process.env.NO_COLOR = before;
  });

  it('is data where it is JSON: it can be shown, and means the same', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(visibleJson({ text })).not.toMatch(OBEYED);
        expect(JSON.parse(visibleJson({ text }))).toEqual({ text });
      }),
    );
  });
});

describe("a stranger's lab file", () => {
  const ESC = '\u001b]0;owned\u0007\u001b[2J';
  const quoted = (text: string): string => JSON.stringify(text + ESC + '\u202e\u009b1m');
  const lab = (more = ''): string => {
    const file = path.join(temporary(), 'lab.yaml');
    fs.writeFileSync(
      file,
      `title: ${quoted('A title')}
shows: ${quoted('A sentence')}
clock: { start: 2026-03-02T09:00Z, seed: 1 }
networks: { office: 192.0.2.0/24 }
hosts:
  c: { name: c.elsewhere.test, address: 192.0.2.30, final: elsewhere.test, mailboxes: [carol] }
faults:
  - { host: c, when: { command: RCPT }, address: eve, then: { answer: ${quoted('550 5.7.1 No')} } }
script:
  - send: { name: x, from: carol@elsewhere.test, to: carol@elsewhere.test, subject: ${quoted('A subject')} }
  - send: { name: y, from: carol@elsewhere.test, to: eve@elsewhere.test }
checks:
  - { say: ${quoted('A check\n✓ and another one')}, lost: 1 }
  - status-in-report: { about: x, action: failed, diagnostic: ${quoted('words')} }
${more}`,
    );
    return file;
  };

  it.each([[[]], [['--verbose']], [['--json']]])('is played with %j', async (options) => {
    const { stdout, stderr, code } = await command('run', lab(), ...options);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toMatch(OBEYED);
    if (options.length === 0) expect(stdout).toContain('✗ A check ✓ and another one\\u{1b}]0;owned\\u{7}');
    if (options.includes('--json'))
      expect(JSON.parse(stdout)).toMatchObject({
        checks: [{ name: `A check\n✓ and another one${ESC}\u202e\u009b1m` }, {}],
      });
  });

  it('has errors', async () => {
    const file = lab(`${quoted('nokey')}: 1\nnetwork${'\u202e'}s: { x: ${quoted('y')} }\n`);
    for (const args of [
      ['check', file],
      ['run', file],
      ['run', `${file}${ESC}`],
      ['run', 'x', `--${ESC}`],
    ]) {
      const { stdout, stderr, code } = await command(...args);
      expect(code).toBe(2);
      expect(stderr.length).toBeGreaterThan(10);
      expect(stdout + stderr).not.toMatch(OBEYED);
    }
  });
});
