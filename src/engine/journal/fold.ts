/** The whole state as a fold of the journal: which room applies which event. */
import type { LabEvent } from '../../contract/events.ts';
import type { LabState } from '../../contract/model.ts';
import { applyDns, emptyDnsState } from '../dns/apply.ts';
import { applyMailbox } from '../mailbox/apply.ts';
import { applyNetwork, emptyNetwork } from '../network/apply.ts';
import { applyQueue } from '../queue/apply.ts';
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
    hosts: {},
    scenario: { title: '', scripted: true, nextStep: 0, nextStepAt: null, names: {}, submitCount: 0, ended: false },
  };
}

/** Fold one event in, in place. The only way in which the state changes. */
export function apply(state: LabState, event: LabEvent): void {
  if (event.n !== state.n + 1) throw new Error(`event ${event.n} (${event.kind}) follows ${state.n}: the journal has a gap`);
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
