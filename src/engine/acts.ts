/**
 * Carries out what a person, the script or a program does to a lab. Each act is checked first, then told to
 * the journal, then done: an act that is wrong changes nothing, and says what to do instead.
 */
import type { LabAct, SendRequest, Told } from '../contract/events.ts';
import type { HostKey, LabState } from '../contract/model.ts';
import { ACT_LENGTH_MAX } from '../contract/sizes.ts';
import { checkZone, normalName } from './dns/index.ts';
import type { Host } from './host.ts';
import { parseFirewall } from './network/firewall-text.ts';
import type { Network } from './network/index.ts';
import type { createSubmitter } from './submit.ts';

export interface ActDeps {
  state(): LabState;
  host(key: HostKey): Host;
  network: Network;
  submitter: ReturnType<typeof createSubmitter>;
  tell(event: Told): void;
  jump(to: number): void;
  /** Turn of the clock's loop, for what comes from a person. */
  turn(): number;
}

/** What is wrong with an act, by line where it is a text. Nothing was changed. */
export class ActRefused extends Error {
  readonly errors: { line: number; column: number; message: string }[];

  constructor(message: string, errors: { line: number; column: number; message: string }[] = []) {
    super(
      errors.length === 0 ? message : `${message}: ${errors.map((e) => `line ${e.line}: ${e.message}`).join('; ')}`,
    );
    this.errors = errors;
  }
}

const thereAre = (names: string[]): string => (names.length === 0 ? 'there is none' : `there are: ${names.join(', ')}`);

/** All of an act is one event. */
function checkLength(messages: SendRequest[]): void {
  const length = messages.reduce(
    (sum, { raw, body, subject, to }) =>
      sum + (raw?.length ?? 0) + body.length + subject.length + to.reduce((all, one) => all + one.length, 0),
    0,
  );
  if (length > ACT_LENGTH_MAX)
    throw new ActRefused(
      `these messages are ${Math.ceil(length / 1e6)} MB together, and ${ACT_LENGTH_MAX / 1e6} MB is the limit for one act: send fewer, or smaller ones`,
    );
}

export function createActs(deps: ActDeps) {
  const { state, tell, network } = deps;

  const lineOf = (host: HostKey) => {
    const line = state().network.lines[host];
    if (line === undefined)
      throw new ActRefused(`no host '${host}' in this lab; there are: ${Object.keys(state().hosts).join(', ')}`);
    return line;
  };

  const networkNamed = (network: string): void => {
    const { networks } = state().network;
    if (!networks.some(({ key }) => key === network))
      throw new ActRefused(
        `no network '${network}' in this lab; there are: ${networks.map(({ key }) => key).join(', ')}`,
      );
  };

  /** Refuse what is wrong before it is written down; returns what is to be done. */
  const prepare = (act: LabAct): (() => void) => {
    switch (act.do) {
      case 'send':
        checkLength(act.messages);
        deps.submitter.check(act.messages);
        return () => deps.submitter.send(act.messages, act.everyMs, act.connections);
      case 'host':
        if (deps.host(act.host).state().power === 'up' && act.power === 'start')
          throw new ActRefused(`host ${act.host} is up already: stop it first, or leave it`);
        return () => deps.host(act.host).power(act.power);
      case 'set':
        deps.host(act.host);
        if (act.settings.network !== undefined) networkNamed(act.settings.network);
        return () => tell({ kind: 'host-set', host: act.host, settings: act.settings });
      case 'line': {
        const line = { ...lineOf(act.host), ...act.line };
        return () => tell({ kind: 'line-set', host: act.host, line });
      }
      case 'reset-sessions':
        lineOf(act.host);
        return () => network.resetSessions(act.host, 'a person reset the sessions');
      case 'firewall': {
        const parsed = parseFirewall(act.text, [
          ...Object.keys(state().hosts),
          ...state().network.networks.map((n) => n.key),
        ]);
        if (!parsed.ok)
          throw new ActRefused('the firewall keeps its rules, as there are errors in the new ones', parsed.errors);
        return () => tell({ kind: 'firewall-set', rules: parsed.rules, fallback: parsed.fallback });
      }
      case 'zone': {
        if (act.view !== null) networkNamed(act.view);
        const { errors } = checkZone(act.text, act.name);
        if (errors.length > 0)
          throw new ActRefused(`the zone ${act.name} stays as it was, as there are errors in the new text`, errors);
        return () => tell({ kind: 'zone-set', zone: { name: act.name, view: act.view, text: act.text } });
      }
      case 'dns-fault':
        return () => tell({ kind: 'dns-fault-set', fault: act.fault });
      case 'dns-fault-clear':
        if (!state().dns.faults.some(({ name }) => normalName(name) === normalName(act.name)))
          throw new ActRefused(
            `the DNS has no fault for ${act.name}; ${thereAre(state().dns.faults.map(({ name }) => name))}`,
          );
        return () => tell({ kind: 'dns-fault-clear', name: act.name });
      case 'fault':
        lineOf(act.fault.host);
        return () => tell({ kind: 'fault-set', fault: act.fault });
      case 'fault-clear':
        if (!state().network.faults.some(({ id }) => id === act.id))
          throw new ActRefused(
            `there is no fault ${act.id} any more; ${thereAre(state().network.faults.map(({ id }) => id))}`,
          );
        return () => tell({ kind: 'fault-clear', id: act.id });
      case 'fill-disk':
        deps.host(act.host);
        return () => tell({ kind: 'disk-fill', host: act.host, foreignBytes: act.bytes });
      case 'flush': {
        const { queue } = deps.host(act.host);
        return () => void queue.flush(act.domain);
      }
      case 'hold':
      case 'release':
      case 'retry':
      case 'delete': {
        const { queue } = deps.host(act.host);
        const unknown = act.queueIds.find((queueId) => state().hosts[act.host]?.queue[queueId] === undefined);
        if (unknown !== undefined)
          throw new ActRefused(
            `${act.host} has no message ${unknown} in its queue; it may have been delivered or deleted meanwhile`,
          );
        const verb = act.do === 'delete' ? queue.remove : queue[act.do];
        return () => act.queueIds.forEach((queueId) => verb(queueId));
      }
      case 'mailbox-remove': {
        const { host, user, queueId } = act;
        const files = (state().hosts[host]?.mailboxes[user] ?? [])
          .filter((message) => message.queueId === queueId)
          .map(({ file }) => file);
        if (files.length === 0) throw new ActRefused(`the mailbox of ${user} at ${host} holds no message ${queueId}`);
        return () => tell({ kind: 'mailbox-remove', host, user, queueId, files });
      }
      case 'jump':
        return () => {
          tell({ kind: 'clock-jump', from: state().now, to: act.to });
          deps.jump(act.to);
        };
    }
  };

  return {
    perform(by: 'person' | 'script', act: LabAct): void {
      const run = prepare(act);
      tell({ kind: 'person-act', by, act, ...(by === 'person' ? { turn: deps.turn() } : {}) });
      run();
    },
  };
}
