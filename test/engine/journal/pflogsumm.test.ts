/** The mail log of a host, read by a program that reads Postfix's: it counts what the lab's own events count. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../../src/contract/events.ts';
import { mailLog } from '../../../src/engine/journal/maillog.ts';
import { labText, playLab } from '../../labs/play.ts';
import { needs, programPath } from '../../programs.ts';

/** `47   received` and the like. */
function countsOf(log: string[]): Record<string, number> {
  const summary = execFileSync(programPath('pflogsumm'), ['--detail', '0'], {
    input: `${log.join('\n')}\n`,
    encoding: 'utf8',
  });
  const found = [
    ...summary.matchAll(/^ +(\d+) +(received|delivered|deferred|bounced|rejected)(?: +\((\d+) +deferrals\))?/gm),
  ];
  return Object.fromEntries(
    found.map(([, count, word, deferrals]) => [word === 'deferred' ? 'deferrals' : word!, Number(deferrals ?? count)]),
  );
}

function countedIn(events: readonly LabEvent[], host: string): Record<string, number> {
  const counts = { received: 0, delivered: 0, deferrals: 0, bounced: 0, rejected: 0 };
  for (const event of events) {
    if (event.host !== host) continue;
    if (event.kind === 'message-accept')
      counts.received += event.origin === 'smtp' ? 1 : 0; // a report comes from nobody
    else if (event.kind === 'queue-deliver') counts.delivered += event.rcpts.length;
    else if (event.kind === 'queue-defer') counts.deferrals += event.rcpts.length;
    else if (event.kind === 'queue-fail') counts[event.expired ? 'deferrals' : 'bounced'] += event.rcpts.length;
    else if (event.kind === 'message-refuse') counts.rejected += 1;
  }
  return counts;
}

describe.each(['backup-disk-fills', 'one-mx-expires', 'relay-through-firewall'])(
  'pflogsumm reads the logs of %s',
  (name) => {
    it('and counts the same', async ({ skip }) => {
      needs('pflogsumm', skip);
      const { seen } = await playLab({ scenario: labText(name) }, (lab) =>
        Object.keys(lab.state.hosts).map((host) => {
          const log = mailLog(lab.events(), host, new Map());
          expect(log.every((line) => /^\w{3} [ \d]\d \d\d:\d\d:\d\d \w+ postfix\/[a-z]+\[\d+\]: /.test(line))).toBe(
            true,
          );
          return { host, read: countsOf(log), told: countedIn(lab.events(), host) };
        }),
      );
      expect(seen.map(({ host, read }) => ({ host, ...read }))).toEqual(
        seen.map(({ host, told }) => ({ host, ...told })),
      );
    });
  },
);
