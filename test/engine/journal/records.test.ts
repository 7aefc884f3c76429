import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabEvent } from '../../../src/contract/events.ts';
import {
  apply,
  createJournal,
  dropCheckpointsAfter,
  emptyState,
  loadCheckpoint,
  openDisk,
  readRecords,
  saveCheckpoint,
} from '../../../src/engine/journal/index.ts';

const onUnix = process.platform !== 'win32';
const makePipe = (file: string): void => void execFileSync('mkfifo', [file]);
let dir = '';
const file = () => path.join(dir, 'journal.log');
beforeEach(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-journal-'))));
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

/** A journal of three events, with a message between the second and the third. */
function written(): { message: Buffer; ref: { offset: number; size: number } } {
  const disk = openDisk(file());
  const journal = createJournal({
    disk,
    state: emptyState(),
    now: () => 5,
    wake: () => undefined,
    fatal(message) {
      throw new Error(message);
    },
  });
  journal.tell({ kind: 'clock-jump', from: 1, to: 2 });
  journal.tell({ kind: 'clock-jump', from: 2, to: 3 });
  const message = Buffer.from('Subject: x\r\n\r\nE 00000001 00000000\n\0\xff', 'latin1');
  const ref = journal.keep(message);
  journal.tell({ kind: 'lab-end' });
  journal.close();
  return { message, ref };
}

function readBack(): { events: LabEvent[]; end: number } {
  const disk = openDisk(file());
  const events: LabEvent[] = [];
  const end = readRecords(disk, 0, (event) => events.push(event));
  disk.close();
  return { events, end };
}

describe('records', () => {
  it('are read back as they were told, and messages by their place', () => {
    const { message, ref } = written();
    const { events, end } = readBack();
    expect(events.map(({ n, at, kind }) => [n, at, kind])).toEqual([
      [1, 5, 'clock-jump'],
      [2, 5, 'clock-jump'],
      [3, 5, 'lab-end'],
    ]);
    expect(end).toBe(fs.statSync(file()).size);
    const disk = openDisk(file());
    expect(disk.read(ref.offset, ref.size)).toEqual(message);
    disk.close();
  });

  it('end at the last whole one, wherever the file is torn', () => {
    written();
    const whole = fs.readFileSync(file());
    for (let size = 0; size < whole.length; size += 1) {
      fs.writeFileSync(file(), whole.subarray(0, size));
      const { events, end } = readBack();
      expect(end).toBeLessThanOrEqual(size);
      expect(events.map(({ n }) => n)).toEqual([1, 2, 3].slice(0, events.length));
      expect(events.length).toBeLessThan(3);
    }
  });

  it('end before one in which a bit is wrong', () => {
    written();
    const whole = fs.readFileSync(file());
    const third = whole.indexOf('E ', whole.indexOf('Subject'));
    const last = whole.lastIndexOf('{');
    expect(third).toBeGreaterThan(0);
    whole[last + 4]! ^= 1;
    fs.writeFileSync(file(), whole);
    expect(readBack().events).toHaveLength(2);
  });
});

describe('the fold', () => {
  it('refuses a gap', () => {
    const state = emptyState();
    apply(state, { kind: 'lab-end', n: 1, at: 1 });
    expect(() => apply(state, { kind: 'lab-end', n: 3, at: 1 })).toThrow(
      'event 3 (lab-end) follows 1: the journal has a gap',
    );
  });
});

describe('checkpoints', () => {
  const at = (n: number) => ({ ...emptyState(), n });

  it('give the last one of this version within the log', () => {
    saveCheckpoint(dir, { version: '1', offset: 100, turn: 0, state: at(10) });
    saveCheckpoint(dir, { version: '1', offset: 200, turn: 0, state: at(20) });
    saveCheckpoint(dir, { version: '2', offset: 300, turn: 0, state: at(30) });
    expect(loadCheckpoint(dir, '1', 1000)?.state.n).toBe(20);
    expect(loadCheckpoint(dir, '1', 150)?.state.n).toBe(10);
    expect(loadCheckpoint(dir, '1', 1000, 15)?.state.n).toBe(10);
    expect(loadCheckpoint(dir, '3', 1000)).toBeNull();
  });

  it('pass over a torn one', () => {
    saveCheckpoint(dir, { version: '1', offset: 100, turn: 0, state: at(10) });
    saveCheckpoint(dir, { version: '1', offset: 200, turn: 0, state: at(20) });
    const last = path.join(dir, 'checkpoints', '000000020.json');
    fs.writeFileSync(last, fs.readFileSync(last).subarray(0, 60));
    expect(loadCheckpoint(dir, '1', 1000)?.state.n).toBe(10);
  });

  const summed = (json: string): string => `${crc32(json).toString(16)}\n${json}`;
  const holding =
    (value: unknown) =>
    (file: string): void =>
      fs.writeFileSync(file, summed(JSON.stringify(value)));
  const whole = { version: '1', offset: 100, turn: 0, state: at(20) };
  it.each<[string, (file: string) => void]>([
    ['a folder', (file) => fs.mkdirSync(file)],
    ...(onUnix ? [['a pipe', makePipe] as [string, (file: string) => void]] : []),
    ['a link to itself', (file) => fs.symlinkSync(file, file)],
    ['a link to nothing', (file) => fs.symlinkSync('nothing', file)],
    ['empty', (file) => fs.writeFileSync(file, '')],
    ['no JSON', (file) => fs.writeFileSync(file, summed('{"version"'))],
    ['null', holding(null)],
    ['a list', holding([whole])],
    ['a checkpoint without a state', holding({ version: '1', offset: 100, turn: 0 })],
    ['a checkpoint whose offset is a text', holding({ ...whole, offset: '100' })],
    ['one whose state lacks a part', holding({ ...whole, state: { ...at(20), dns: undefined } })],
    ['one whose hosts are numbers', holding({ ...whole, state: { ...at(20), hosts: { a: 1 } } })],
    ['one of another event', holding({ ...whole, state: at(7) })],
  ])('pass over what is %s, and forget or leave it', (_what, make) => {
    saveCheckpoint(dir, { version: '1', offset: 100, turn: 0, state: at(10) });
    make(path.join(dir, 'checkpoints', '000000020.json'));
    expect(loadCheckpoint(dir, '1', 1000)?.state.n).toBe(10);
    expect(() => dropCheckpointsAfter(dir, 15)).not.toThrow();
    expect(loadCheckpoint(dir, '1', 1000)?.state.n).toBe(10);
  });

  it('are none where their folder is none', () => {
    fs.writeFileSync(path.join(dir, 'checkpoints'), 'in the way');
    expect(loadCheckpoint(dir, '1', 1000)).toBeNull();
    expect(() => dropCheckpointsAfter(dir, 0)).not.toThrow();
  });

  it.runIf(onUnix)('are written though a pipe lies where each is made first', () => {
    fs.mkdirSync(path.join(dir, 'checkpoints'));
    makePipe(path.join(dir, 'checkpoints', '000000010.json.tmp'));
    saveCheckpoint(dir, { version: '1', offset: 100, turn: 0, state: at(10) });
    expect(loadCheckpoint(dir, '1', 1000)?.state.n).toBe(10);
  });
});
