/** The whole state as a fold of the journal: which room applies which event. */
import type { LabEvent, Told } from '../../contract/events.ts';
import type { LabState } from '../../contract/model.ts';
import { asTable, table } from '../../contract/table.ts';
import { applyDns, emptyDnsState } from '../dns/apply.ts';
import { applyMailbox } from '../mailbox/apply.ts';
import { applyNetwork, emptyNetwork } from '../network/apply.ts';
import { applyQueue, queueObjection } from '../queue/apply.ts';
import { applyScenario } from '../scenario/apply.ts';
import { applyHosts } from '../hosts.ts';

export function emptyState(): LabState {
  return {
    now: 0,
    startedAt: 0,
    seed: 0,
    n: 0,
    mailCount: 0,
    network: emptyNetwork(),
    dns: emptyDnsState(),
    hosts: table(),
    scenario: {
      title: '',
      scripted: true,
      nextStep: 0,
      nextStepAt: null,
      names: table(),
      submitCount: 0,
      ended: false,
    },
  };
}

/** The same state with its tables, where it came from JSON or out of a clone, which keep their entries and lose their kind. */
export function withTables(state: LabState): LabState {
  const { network, dns, hosts, scenario } = state;
  for (const one of [hosts, network.lines, network.open, dns.caches, ...Object.values(dns.caches), scenario.names])
    asTable<unknown>(one);
  for (const { queue, dead, mailboxes, greylist } of Object.values(hosts))
    for (const one of [queue, dead, mailboxes, greylist]) asTable<unknown>(one);
  return state;
}

/** What speaks against telling this, in words; null: nothing. So what is in a journal can be folded, whatever it is. */
export function objectionTo(state: LabState, event: Told): string | null {
  const host = event.host ? state.hosts[event.host] : undefined;
  return host === undefined ? null : queueObjection(host, event);
}

/** Fold one event in, in place. The only way in which the state changes. */
export function apply(state: LabState, event: LabEvent): void {
  if (event.n !== state.n + 1)
    throw new Error(`event ${event.n} (${event.kind}) follows ${state.n}: the journal has a gap`);
  state.n = event.n;
  state.now = event.at;
  if (event.kind === 'lab-open') {
    state.seed = event.seed;
    state.startedAt = event.startAt;
  }
  applyNetwork(state.network, event);
  applyDns(state.dns, event);
  applyHosts(state.hosts, event);
  const host = event.host ? state.hosts[event.host] : undefined;
  if (host !== undefined) {
    applyQueue(host, event);
    applyMailbox(host, event);
  }
  if (event.kind === 'message-accept') state.mailCount = Math.max(state.mailCount, Number(event.mail.slice(1)));
  applyScenario(state.scenario, event);
}
