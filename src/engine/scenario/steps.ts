/**
 * From a step of the script to what the lab is told to do. Pure: the same step in the same state gives the same acts.
 */
import type { LabAct, SendPlan, SendRequest } from '../../contract/events.ts';
import { after } from '../../contract/instant.ts';
import type { Fault, Instant, LabState } from '../../contract/model.ts';
import { bareId, bareNames, isNumbered } from './messages.ts';
import type { FaultPlan, Scenario, Step } from './scenario.ts';
import { formatInstant, formatSize } from './units.ts';

/** What a step is judged against: only the instant, the hosts (disks, queues) and the names of messages are looked at. */
export type StepView = Pick<LabState, 'now' | 'hosts' | 'scenario'>;

/**
 * The acts of a step, to be carried out in order, and the virtual milliseconds that pass before the next step.
 * A `send` with `every` only begins: the script goes on at once, and its messages follow at their times.
 * Throws, with what is wrong, where the lab has not what the step speaks of.
 */
export function actsOf(step: Step, scenario: Scenario, state: StepView): { acts: LabAct[]; passMs: number } {
  switch (step.kind) {
    case 'pass':
      return { acts: [], passMs: step.ms };
    case 'until':
      return { acts: [], passMs: Math.max(0, step.at - state.now) };
    case 'jump':
      return {
        acts: [{ do: 'jump', to: 'at' in step.to ? Math.max(step.to.at, state.now) : after(state.now, step.to.ms) }],
        passMs: 0,
      };
    case 'queue': {
      const queueIds = queueIdsOf(step.host, step.message, state);
      return { acts: queueIds.length === 0 ? [] : [{ do: step.act, host: step.host, queueIds }], passMs: 0 };
    }
    default:
      return { acts: [actOf(step, scenario, state)], passMs: 0 };
  }
}

/** Why a time that a step waits for can't be waited for any more, in words; null for any other step. */
export function pastWords(step: Step, now: Instant): string | null {
  const at = step.kind === 'until' ? step.at : step.kind === 'jump' && 'at' in step.to ? step.to.at : null;
  return at === null || at >= now
    ? null
    : `${formatInstant(at)} has passed: it is ${formatInstant(now)} by then. Write a later time, or let less time pass before it`;
}

function actOf(
  step: Exclude<Step, { kind: 'pass' | 'until' | 'jump' | 'queue' }>,
  scenario: Scenario,
  state: StepView,
): LabAct {
  switch (step.kind) {
    case 'send':
      return {
        do: 'send',
        messages: messagesOfPlan(step.send),
        everyMs: step.send.everyMs,
        connections: step.send.connections,
      };
    case 'power':
      return { do: 'host', host: step.host, power: step.power };
    case 'line':
      return { do: 'line', host: step.host, line: step.line };
    case 'reset':
      return { do: 'reset-sessions', host: step.host };
    case 'fault':
      return { do: 'fault', fault: faultAt(step.fault, state.now) };
    case 'clear-fault':
      return { do: 'fault-clear', id: step.id };
    case 'fill-disk':
      return { do: 'fill-disk', host: step.host, bytes: foreignBytes(step, scenario, state) };
    case 'zone':
      return { do: 'zone', ...step.zone };
    case 'dns-fault':
      return { do: 'dns-fault', fault: step.fault };
    case 'dns-mend':
      return { do: 'dns-fault-clear', name: step.name };
    case 'firewall':
      return { do: 'firewall', text: step.text };
    case 'set':
      return { do: 'set', host: step.host, settings: step.settings };
    case 'flush':
      return { do: 'flush', host: step.host, domain: step.domain };
  }
}

/** A plan spelled out: NAME-1, NAME-2 ... when it is for more than one. */
export function messagesOfPlan({ message, count }: SendPlan): SendRequest[] {
  if (count === 1) return [message];
  return Array.from({ length: count }, (_, position) => ({
    ...message,
    name: message.name === null ? null : `${message.name}-${position + 1}`,
  }));
}

/** A plan with its times: `after` and `for` count from `now`. */
export function faultAt(plan: FaultPlan, now: Instant): Fault {
  const from = after(now, plan.afterMs);
  return {
    id: plan.id,
    host: plan.host,
    when: plan.when,
    address: plan.address,
    then: plan.then,
    from,
    until: plan.forMs === null ? null : after(from, plan.forMs),
    left: plan.times,
  };
}

/** What somebody else has to put on a disk so that just `leave` is free. */
function foreignBytes(step: Extract<Step, { kind: 'fill-disk' }>, scenario: Scenario, state: StepView): number {
  if ('bytes' in step.amount) return step.amount.bytes;
  const host = state.hosts[step.host];
  const capacity = host?.settings.diskBytes ?? null;
  if (capacity === null)
    throw new Error(
      `${step.host}'s disk has no limit, so there is no telling how much to leave: give it one first, with set: { host: ${step.host}, disk: 5MB }`,
    );
  const bytes = capacity - (host?.usedBytes ?? 0) - step.amount.leaveBytes;
  if (bytes < 0)
    throw new Error(
      `${step.host}'s disk has only ${formatSize(capacity - (host?.usedBytes ?? 0))} besides its mail: ${formatSize(step.amount.leaveBytes)} can't be left free`,
    );
  return bytes;
}

/** `all` may be none; a message that is called by its name must be there. */
function queueIdsOf(hostKey: string, message: string, state: StepView): string[] {
  const names = bareNames(state.scenario.names);
  const found = Object.values(state.hosts[hostKey]?.queue ?? {})
    .filter((entry) => {
      if (message === 'all' || message === 'each') return true;
      const name = names[bareId(entry.messageId)];
      return name !== undefined && (name === message || isNumbered(name, message));
    })
    .map((entry) => entry.queueId);
  if (found.length === 0 && message !== 'all' && message !== 'each')
    throw new Error(`${hostKey} has no message ${message} in its queue: it never arrived there, or has already left`);
  return found;
}
