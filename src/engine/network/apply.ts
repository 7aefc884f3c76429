/** The network's part of the state: changed here and nowhere else. */
import type { LabEvent } from '../../contract/events.ts';
import type { FirewallRule, LineState, NetworkState } from '../../contract/model.ts';
import { table } from '../../contract/table.ts';

export const healthyLine = (): LineState => ({
  cut: false,
  extraLatencyMs: 0,
  bytesPerSecond: null,
  loseReplies: false,
});

export function emptyNetwork(): NetworkState {
  return {
    networks: [],
    firewall: { rules: [], fallback: 'allow', fallbackHitCount: 0 },
    internetLatencyMs: 12,
    lines: table(),
    faults: [],
    sessionCount: 0,
    open: table(),
  };
}

export function applyNetwork(state: NetworkState, event: LabEvent): void {
  switch (event.kind) {
    case 'lab-open':
      state.networks = event.networks;
      state.internetLatencyMs = event.internetLatencyMs;
      return;
    case 'lab-reopen':
      state.open = table();
      return;
    case 'host-add':
      state.lines[event.host] = healthyLine();
      return;
    case 'link-connect':
      state.sessionCount += 1;
      hit(state, event.rule, event.at, event.sourceAddress, event.targetAddress, event.targetPort);
      state.open[event.session] = {
        session: event.session,
        source: event.source,
        sourceAddress: event.sourceAddress,
        sourcePort: event.sourcePort,
        target: event.host,
        targetAddress: event.targetAddress,
        targetPort: event.targetPort,
        since: event.at,
      };
      return;
    case 'firewall-drop':
    case 'firewall-reject':
      state.sessionCount += 1;
      hit(state, event.rule, event.at, event.sourceAddress, event.targetAddress, event.targetPort);
      return;
    case 'link-refuse':
    case 'link-silence':
      state.sessionCount += 1;
      return;
    case 'link-close':
    case 'link-reset':
      delete state.open[event.session];
      return;
    case 'line-set':
      state.lines[event.host] = event.line;
      return;
    case 'firewall-set':
      state.firewall = {
        rules: event.rules.map((rule): FirewallRule => ({ ...rule, hitCount: 0, lastHit: null })),
        fallback: event.fallback,
        fallbackHitCount: 0,
      };
      return;
    case 'fault-set':
      state.faults = [...state.faults.filter((f) => f.id !== event.fault.id), { ...event.fault }];
      return;
    case 'fault-clear':
      state.faults = state.faults.filter((f) => f.id !== event.id);
      return;
    case 'fault-strike': {
      const fault = state.faults.find((f) => f.id === event.id);
      if (fault && fault.left !== null) fault.left -= 1;
      return;
    }
  }
}

function hit(state: NetworkState, rule: number | null, at: number, from: string, to: string, port: number): void {
  if (rule === null) {
    state.firewall.fallbackHitCount += 1;
    return;
  }
  const hitRule = state.firewall.rules[rule - 1];
  if (hitRule === undefined) return;
  hitRule.hitCount += 1;
  hitRule.lastHit = { at, from, to, port };
}
