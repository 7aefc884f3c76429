import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, ROOT, temporary } from './command.ts';

const names = fs
  .readdirSync(path.join(ROOT, 'labs'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''));

describe('mail-lab check', () => {
  it('finds nothing wrong with the labs that come along', async () => {
    const { code, stdout, stderr } = await command('check', ...names);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(names.length);
    expect(stdout).toMatch(/^labs\/line-cut\.yaml: valid, 2 hosts, \d+ steps, \d+ checks$/m);
  });

  it('names file, line and column of each error', async () => {
    const file = path.join(temporary(), 'wrong.yaml');
    const text = fs.readFileSync(path.join(ROOT, 'labs/relay-through-firewall.yaml'), 'utf8');
    fs.writeFileSync(
      file,
      text
        .replace('mailboxes: [alice]', 'mailbox: [alice]')
        .replace('network: office', 'network: offic')
        .replace('route: { message: minutes', 'route: { message: minute'),
    );
    const { code, stdout, stderr } = await command('check', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const line = text.split('\n').findIndex((one) => one.includes('mailboxes: [alice]')) + 1;
    expect(stderr).toContain(`${file}:${line}:5: `);
    expect(stderr).toContain('did you mean `mailboxes`?');
    const said = stderr.trimEnd().split('\n');
    expect(said.every((one) => /^.*wrong\.yaml:\d+:\d+: ./.test(one))).toBe(true);
  });

  it('notes what is no error, and seldom meant', async () => {
    const file = path.join(temporary(), 'noted.yaml');
    const text = fs.readFileSync(path.join(ROOT, 'labs/one-mx-waits.yaml'), 'utf8');
    fs.writeFileSync(file, text.replace('    @   MX 1 a\n', '    @   MX 1 a\n    _submission._tcp SRV 0 1 587 a\n'));
    const line = text.split('\n').findIndex((one) => one.includes('@   MX 1 a')) + 2;
    const { code, stdout, stderr } = await command('check', file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      `\n${file}:${line}:22: note: zones.theorganisation.test: SRV records are served but have no effect here`,
    );
  });

  it('prints a JSON Schema', async () => {
    const { code, stdout } = await command('check', '--schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { hosts: {}, checks: {} } });
  });

  it('wants something to check', async () => {
    expect(await command('check')).toMatchObject({ code: 2, stderr: expect.stringContaining('check what?') as string });
  });
});

describe('mail-lab labs', () => {
  it('lists all labs with their sentence, in a column', async () => {
    const { code, stdout, stderr } = await command('labs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([...names].sort());
    expect(new Set(lines.map((line) => /^\S+ +/.exec(line)![0].length)).size).toBe(1);
  });

  it('says what there is when nothing is asked', async () => {
    expect(await command()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/labs[^]*run[^]*check[^]*serve/) as string,
    });
    expect(await command('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });
});
