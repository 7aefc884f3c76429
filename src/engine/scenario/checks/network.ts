/** `blocked`: what the firewall stopped. `refused-with`: replies by which a host refused. */
import type { LabEvent } from '../../../contract/events.ts';
import type { Reply } from '../../../contract/why.ts';
import { statusOfReply } from '../../../contract/why-words.ts';
import { count, keys, oneOf, text } from '../schema-values.ts';
import { bounds, often, within } from './bounds.ts';
import type { Evidence } from './kind.ts';
import { checkKind, hostHas, hostWord, plural, timesWord } from './kind.ts';

export const blocked = checkKind({
  key: 'blocked',
  schema: keys('blocked', {
    from: text('A host'),
    to: text('A host'),
    ...bounds,
    by: oneOf(['drop', 'reject'], 'what a firewall does').optional(),
    rule: count(1, 1000, 'number of a rule').optional().meta({ description: 'The number of the rule, counted from 1' }),
  }),
  refs: { hosts: ['from', 'to'] },
  judge({ from, to, times, 'at-least': least, by, rule }, evidence) {
    const found = evidence.events.filter(
      (event): event is LabEvent<'firewall-drop' | 'firewall-reject'> =>
        (event.kind === 'firewall-drop' || event.kind === 'firewall-reject') &&
        event.source === from &&
        hostHas(evidence, to, event.targetAddress),
    );
    const fitting = found.filter(
      (event) => (by === undefined || event.kind === `firewall-${by}`) && (rule === undefined || event.rule === rule),
    );
    const { passed, missed, expected } = within(fitting.length, times, least);
    const first = found[0];
    const what =
      first === undefined
        ? 'no connection was stopped'
        : `${plural(found.length, 'connection')} stopped, the first by ${first.rule === null ? 'the default' : `rule ${first.rule}`} (${first.kind.slice('firewall-'.length)})`;
    const which = [rule === undefined ? '' : ` by rule ${rule}`, by === undefined ? '' : ` (${by})`].join('');
    return {
      name: `The firewall ${times === 0 ? 'does not stop' : 'stops'} ${hostWord(from)} on its way to ${hostWord(to)}${often(times, least)}${which}`,
      passed,
      missed,
      expected: `${expected}${which}`,
      measured: what,
    };
  },
});

/** Refusals that a host spoke, or, with `to`, that another host heard from it. */
function refusals(evidence: Evidence, host: string, to: string | undefined): Reply[] {
  const spoken = evidence.events.flatMap((event) =>
    to === undefined && event.kind === 'message-refuse' && event.host === host ? [event.reply] : [],
  );
  if (spoken.length > 0) return spoken;
  // A failed attempt and what became of the recipients tell of the same reply: it counts once.
  const counted = new Set<string>();
  return evidence.events.flatMap((event) => {
    if (event.kind !== 'attempt-fail' && event.kind !== 'queue-fail' && event.kind !== 'queue-defer') return [];
    const { why } = event;
    if (why.kind !== 'reply' || !hostHas(evidence, host, why.peer.name) || (to !== undefined && event.host !== to)) return [];
    const key = `${event.host} ${event.queueId} ${event.attempt} ${why.peer.name} ${why.stage} ${why.reply.code}`;
    if (event.kind !== 'attempt-fail' && counted.has(key)) return [];
    counted.add(key);
    return [why.reply];
  });
}

export const refusedWith = checkKind({
  key: 'refused-with',
  schema: keys('refused-with', {
    host: text('A host').meta({ description: 'The host that says no' }),
    to: text('A host').optional().meta({ description: 'The host that hears it' }),
    code: count(400, 599, 'code of a refusal'),
    status: text('A status').optional(),
    ...bounds,
  }),
  refs: { hosts: ['host', 'to'] },
  judge({ host, to, code, status, times, 'at-least': least }, evidence) {
    const all = refusals(evidence, host, to);
    const fitting = all.filter((reply) => reply.code === code && (status === undefined || statusOfReply(reply) === status));
    const { passed, missed, expected } = within(fitting.length, times, least);
    const others = [...new Set(all.map((reply) => `${reply.code} ${statusOfReply(reply)}`))];
    const said = `${code}${status === undefined ? '' : ` ${status}`}`;
    const measured =
      fitting.length > 0
        ? timesWord(fitting.length)
        : others.length === 0
          ? `it refused ${to === undefined ? '' : `${hostWord(to)} `}nothing`
          : `it said ${others.slice(0, 4).join(', ')}`;
    return { name: `${hostWord(host)} refuses${to === undefined ? '' : ` ${hostWord(to)}`} with ${said}${often(times, least)}`, passed, missed, expected, measured };
  },
});
