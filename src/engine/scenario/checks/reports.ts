/** `status-in-report`: the fields of the reports about a message, RFC 3464 §2.3. Made from the same reasons and words as the reports are. */
import type { HostKey } from '../../../contract/model.ts';
import type { Why } from '../../../contract/why.ts';
import { isPermanent, replyText, statusOf, wordsOf } from '../../../contract/why-words.ts';
import { keys, oneOf, text } from '../schema-values.ts';
import type { Report } from '../messages.ts';
import { checkKind, hostWord, isDone, overTracks, type Evidence } from './kind.ts';

interface Fields {
  action: string;
  status: string;
  /** The host that said no, as it was called. */
  remote: string | null;
  remoteHost: HostKey | null;
  diagnostic: string;
  by: string;
}

function fieldsOf(report: Report, { ownerOf }: Evidence): Fields[] {
  return report.whys.map((why, place) => ({
    // One report of success tells of those that were delivered and of those that were relayed.
    action: why === null ? (report.rcpts[place]?.fate ?? report.action) : report.action,
    by: report.host,
    status: why === null ? '2.0.0' : report.action === 'delayed' ? `4${statusOf(why).slice(1)}` : statusOf(why),
    remote: why?.kind === 'reply' ? why.peer.name : null,
    remoteHost: why?.kind === 'reply' ? ownerOf(why.peer.address, report.at) : null,
    diagnostic: why === null ? '' : why.kind === 'reply' ? `smtp; ${replyText(why.reply)}` : wordsOf(why),
  }));
}

export const statusInReport = checkKind({
  key: 'status-in-report',
  schema: keys('status-in-report', {
    about: text('A message'),
    action: oneOf(['delayed', 'failed', 'delivered', 'relayed'], 'an action of a report').optional(),
    status: text('A status').optional().meta({ description: 'As 4.4.1; put it in quotes' }),
    remote: text('A host').optional().meta({ description: 'The host that said no' }),
    diagnostic: text('A text').optional().meta({ description: 'Part of the Diagnostic-Code' }),
    by: text('A host').optional().meta({ description: 'The host that reports' }),
  }).refine((given) => given.action !== undefined || given.status !== undefined, {
    error: 'status-in-report takes action: failed, status: 5.3.1, or both',
  }),
  refs: { hosts: ['remote', 'by'], messages: ['about'] },
  judge({ about, action, status, remote, diagnostic, by }, evidence) {
    const fits = (fields: Fields): boolean =>
      (action === undefined || fields.action === action) &&
      (status === undefined || fields.status === status) &&
      (by === undefined || fields.by === by) &&
      (remote === undefined || fields.remoteHost === remote) &&
      (diagnostic === undefined || fields.diagnostic.toLowerCase().includes(diagnostic.toLowerCase()));
    const verdict = overTracks(evidence, about, (track) => {
      const all = track.reports.flatMap((report) => fieldsOf(report, evidence));
      const found = all.find(fits) ?? all.at(-1);
      return {
        passed: all.some(fits),
        missed: isDone(track),
        measured: found === undefined ? `there is no report about it${lastReason(evidence, about)}` : fieldWords(found),
      };
    });
    const wanted = [
      action === undefined ? '' : `Action: ${action}`,
      status === undefined ? '' : `Status: ${status}`,
      remote === undefined ? '' : `Remote-MTA: ${hostWord(remote)}`,
      diagnostic === undefined ? '' : `a Diagnostic-Code with "${diagnostic}"`,
      by === undefined ? '' : `from ${hostWord(by)}`,
    ]
      .filter((word) => word !== '')
      .join(', ');
    const what = [action ?? '', status ?? ''].filter((word) => word !== '').join(' ');
    return { name: `A report about ${about} says ${what}`, expected: wanted, ...verdict };
  },
});

function fieldWords({ action, status, remote, diagnostic, by }: Fields): string {
  return `${hostWord(by)} reported ${action}, ${status}${remote === null ? '' : `, ${remote}`}${diagnostic === '' ? '' : `: ${diagnostic}`}`;
}

/** Without a report yet: the reason that one would give now. */
function lastReason(evidence: Evidence, about: string): string {
  const whys = evidence.index.tracks
    .filter((track) => track.name === about)
    .flatMap((track) => track.copies)
    .flatMap((copy) => copy.rcpts.map((rcpt) => rcpt.why))
    .filter((why): why is Why => why !== null);
  const last = whys.at(-1);
  return last === undefined
    ? ''
    : `; its last reason is ${isPermanent(last) ? 'final' : 'temporary'}: ${wordsOf(last)}`;
}
