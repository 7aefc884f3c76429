/** `blocked`: what the firewall stopped. `refused-with`: replies by which a host refused. */
import type { LabEvent } from '../../../contract/events.ts';
import type { Reply } from '../../../contract/why.ts';
import { parseReply, statusOfReply } from '../../../contract/why-words.ts';
import { count, oneOf, text } from '../schema-values.ts';
import { counted, often, within } from './bounds.ts';
import type { Evidence } from './kind.ts';
import { checkKind, hostWord, plural, timesWord } from './kind.ts';
import { endsOf } from './links.ts';

export const blocked = checkKind({
  key: 'blocked',
  schema: counted('blocked', {
    from: text('A host'),
    to: text('A host'),
    by: oneOf(['drop', 'reject'], 'what a firewall does').optional(),
    rule: count(1, 1000, 'number of a rule').optional().meta({ description: 'The number of the rule, counted from 1' }),
  }),
  refs: { hosts: ['from', 'to'] },
  judge({ from, to, by, rule, ...bounds }, evidence) {
    const found = evidence.events.filter(
      (event): event is LabEvent<'firewall-drop' | 'firewall-reject'> =>
        (event.kind === 'firewall-drop' || event.kind === 'firewall-reject') &&
        event.source === from &&
        evidence.ownerOf(event.targetAddress, event.at) === to,
    );
    const fitting = found.filter(
      (event) => (by === undefined || event.kind === `firewall-${by}`) && (rule === undefined || event.rule === rule),
    );
    const { passed, missed, expected } = within(fitting.length, bounds);
    const first = found[0];
    const what =
      first === undefined
        ? 'no connection was stopped'
        : `${plural(found.length, 'connection')} stopped, the first by ${first.rule === null ? 'the default' : `rule ${first.rule}`} (${first.kind.slice('firewall-'.length)})`;
    const which = [rule === undefined ? '' : ` by rule ${rule}`, by === undefined ? '' : ` (${by})`].join('');
    return {
      name: `The firewall ${bounds.times === 0 ? 'does not stop' : 'stops'} ${hostWord(from)} on its way to ${hostWord(to)}${often(bounds)}${which}`,
      passed,
      missed,
      expected: `${expected}${which}`,
      measured: what,
    };
  },
});

/**
 * Refusals that a host spoke (with `to`, those that it spoke to this host): each reply of 4xx or 5xx counts once, whoever decided it,
 * a rule, a limit, a filter or a fault. What only follows from a refusal, such as a DATA that comes too late in a pipelined group, is none.
 */
function refusals(evidence: Evidence, host: string, to: string | undefined): Reply[] {
  const ends = endsOf(evidence);
  return evidence.events.flatMap((event) => {
    if (
      event.kind !== 'smtp-say' ||
      event.side !== 'smtp-in' ||
      event.host !== host ||
      (to !== undefined && ends.get(event.session)?.source !== to)
    )
      return [];
    return repliesIn(event.lines).filter((reply) => reply.code >= 400);
  });
}

/** Lines that were said in one go, as replies. RFC 5321 §4.2.1 */
function repliesIn(lines: readonly string[]): Reply[] {
  const replies: string[][] = [];
  let open: string[] | null = null;
  for (const line of lines) {
    if (open === null) replies.push((open = []));
    open.push(line);
    if (!/^\d{3}-/.test(line)) open = null;
  }
  return replies.map(parseReply);
}

/** The order of commands was wrong, because one before was refused. */
const isAftermath = (reply: Reply): boolean =>
  reply.code === 503 || reply.enhanced === '5.5.1' || /no valid recipients/i.test(reply.lines.join(' '));

export const refusedWith = checkKind({
  key: 'refused-with',
  schema: counted('refused-with', {
    host: text('A host').meta({ description: 'The host that says no' }),
    to: text('A host').optional().meta({ description: 'The host that it says it to' }),
    code: count(400, 599, 'code of a refusal'),
    status: text('A status').optional(),
  }),
  refs: { hosts: ['host', 'to'] },
  judge({ host, to, code, status, ...bounds }, evidence) {
    const isAsked = code === 503 || status === '5.5.1';
    const all = refusals(evidence, host, to).filter((reply) => isAsked || !isAftermath(reply));
    const fitting = all.filter(
      (reply) => reply.code === code && (status === undefined || statusOfReply(reply) === status),
    );
    const { passed, missed, expected } = within(fitting.length, bounds);
    const others = [...new Set(all.map((reply) => `${reply.code} ${statusOfReply(reply)}`))];
    const said = `${code}${status === undefined ? '' : ` ${status}`}`;
    const measured =
      fitting.length > 0
        ? timesWord(fitting.length)
        : others.length === 0
          ? `it refused ${to === undefined ? '' : `${hostWord(to)} `}nothing`
          : `it said ${others.slice(0, 4).join(', ')}`;
    return {
      name: `${hostWord(host)} refuses${to === undefined ? '' : ` ${hostWord(to)}`} with ${said}${often(bounds)}`,
      passed,
      missed,
      expected,
      measured,
    };
  },
});
