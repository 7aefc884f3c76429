/** Small journals by hand: what checks are judged on in these tests. */
import type { LabEvent, Told } from '../../../src/contract/events.ts';
import type { LabState, MailboxMessage } from '../../../src/contract/model.ts';
import type { Reply, Why } from '../../../src/contract/why.ts';
import {
  evaluateChecks,
  loadScenario,
  parseDuration,
  type CheckResult,
  type Scenario,
} from '../../../src/engine/scenario/index.ts';
import { table } from '../../../src/contract/table.ts';

export const WORLD = `title: A world
shows: What checks are judged on.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { office: 192.0.2.0/24, provider: 198.51.100.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: [alice] }
  b: { name: b.theorganisation.test, address: 198.51.100.20, relay: theorganisation.test, disk: 1MB }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], retry: article }
script:
  - send: { name: minutes, from: carol@elsewhere.test, to: alice@theorganisation.test }
  - send: { name: many, count: 3, from: carol@elsewhere.test, to: alice@theorganisation.test }
`;

export function scenarioWith(checks: string): Scenario {
  const loaded = loadScenario(`${WORLD}checks:\n${checks}\n`, 'world.yaml');
  if (!loaded.ok) throw new Error(loaded.errors.map((error) => `${error.line}: ${error.message}`).join('\n'));
  return loaded.scenario;
}

export const START = Date.UTC(2026, 2, 2, 9);
export const noAnswer: Why = {
  kind: 'connect',
  peer: { name: 'a.theorganisation.test', address: '192.0.2.10', port: 25 },
  problem: 'timeout',
};
export const full: Reply = { code: 552, enhanced: '5.3.1', lines: ['Mail system full'] };
export const fullAtB: Why = {
  kind: 'reply',
  peer: { name: 'b.theorganisation.test', address: '198.51.100.20', port: 25 },
  stage: 'mail',
  reply: full,
};
const ok: Reply = { code: 250, enhanced: '2.0.0', lines: ['Ok'] };

/** Tells a story event by event and folds just enough of a state from it. */
export class Story {
  readonly events: LabEvent[] = [];
  #now = START;
  #attempt = 'none';
  readonly #state: Pick<LabState, 'hosts' | 'scenario' | 'startedAt'> & { now: number };

  constructor() {
    const hosts = Object.fromEntries(
      Object.entries(scenarioWith('  - lost: 0').hosts).map(([key, settings]) => [
        key,
        {
          key,
          power: 'up',
          settings,
          queue: {},
          queueIdCount: 0,
          dead: {},
          mailboxes: {},
          greylist: {},
          usedBytes: 0,
          foreignBytes: 0,
        },
      ]),
    ) as unknown as LabState['hosts'];
    this.#state = {
      now: START,
      startedAt: START,
      hosts,
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

  get state(): LabState {
    return { ...this.#state, now: this.#now } as unknown as LabState;
  }

  /** Time since the start. */
  at(duration: string): this {
    this.#now = START + parseDuration(duration)!;
    return this;
  }

  tell(event: Told): this {
    this.events.push({ ...event, n: this.events.length + 1, at: this.#now } as LabEvent);
    return this;
  }

  accept(
    host: string,
    queueId: string,
    name: string,
    more: { origin?: 'smtp' | 'report'; to?: string; from?: string; size?: number } = {},
  ): this {
    const { origin = 'smtp', to = 'alice@theorganisation.test', from = 'carol@elsewhere.test', size = 1000 } = more;
    const messageId = `<${name}.4@elsewhere.test>`;
    if (origin === 'smtp') this.#state.scenario.names[messageId] = name;
    this.#state.hosts[host]!.queue[queueId] = { queueId, messageId } as never;
    return this.tell({
      kind: 'message-accept',
      host,
      queueId,
      session: null,
      origin,
      mail: name,
      messageId,
      subject: name,
      size,
      body: { offset: 0, size },
      envelope: { sender: origin === 'report' ? '' : from, ret: null, envid: null, eightBit: false, smtpUtf8: false },
      rcpts: [{ address: to, notify: null, orcpt: null }],
    });
  }

  remove(host: string, queueId: string): this {
    delete this.#state.hosts[host]!.queue[queueId];
    return this.tell({ kind: 'queue-remove', host, queueId });
  }

  relay(host: string, queueId: string): this {
    this.tell({
      kind: 'queue-deliver',
      host,
      queueId,
      attempt: 't',
      rcpts: [0],
      how: 'relayed',
      peer: null,
      session: null,
      reply: ok,
      reportDue: false,
    });
    return this.remove(host, queueId);
  }

  deliver(host: string, queueId: string, user: string, size = 1000): this {
    const message = { queueId, at: this.#now, sizeBytes: size } as MailboxMessage;
    (this.#state.hosts[host]!.mailboxes[user] ??= []).push(message);
    this.tell({ kind: 'mailbox-deliver', host, user, message });
    this.tell({
      kind: 'queue-deliver',
      host,
      queueId,
      attempt: null,
      rcpts: [0],
      how: 'mailbox',
      peer: null,
      session: null,
      reply: ok,
      reportDue: false,
    });
    return this.remove(host, queueId);
  }

  attempt(host: string, queueId: string, why: Why): this {
    this.#attempt = `${queueId}/${this.events.length}`;
    this.tell({
      kind: 'queue-try',
      host,
      queueId,
      attempt: this.#attempt,
      tryNumber: 1,
      domain: 'theorganisation.test',
      rcpts: [0],
    });
    return this.tell({
      kind: 'attempt-fail',
      host,
      queueId,
      attempt: this.#attempt,
      session: null,
      why,
      next: null,
      limit: false,
    });
  }

  defer(host: string, queueId: string, why: Why): this {
    this.attempt(host, queueId, why);
    return this.tell({
      kind: 'queue-defer',
      host,
      queueId,
      attempt: this.#attempt,
      rcpts: [0],
      why,
      retryAt: this.#now + 1,
      tryCount: 1,
    });
  }

  connect(session: string, source: string | null, host: string): this {
    const [targetAddress] = scenarioWith('  - lost: 0').hosts[host]!.addresses;
    return this.tell({
      kind: 'link-connect',
      session,
      source,
      sourceAddress: '203.0.113.30',
      sourcePort: 40_000,
      host,
      targetAddress: targetAddress!,
      targetPort: 25,
      rule: null,
    });
  }

  close(session: string): this {
    return this.tell({ kind: 'link-close', session, by: 'client' });
  }

  /** What a host says as a server. */
  says(host: string, session: string, ...lines: string[]): this {
    return this.tell({ kind: 'smtp-say', host, session, side: 'smtp-in', lines });
  }

  /** A transaction with another host, whatever the zone calls it. */
  transact(host: string, queueId: string, to: string, rcptCount = 1): this {
    const [address] = scenarioWith('  - lost: 0').hosts[to]!.addresses;
    const rcpts = Array.from({ length: rcptCount }, (_, index) => index);
    return this.tell({
      kind: 'tx-begin',
      host,
      queueId,
      attempt: 't',
      session: 's',
      peer: { name: 'mail.theorganisation.test', address: address!, port: 25 },
      rcpts,
      reused: false,
    });
  }

  /** Somebody hands a message in, and the host says no at the door. */
  refusedAtTheDoor(name: string, host: string, why: Why): this {
    const messageId = `<${name}.4@elsewhere.test>`;
    this.#state.scenario.names[messageId] = name;
    return this.tell({
      kind: 'submit-fail',
      name,
      messageId,
      host,
      session: 's1',
      from: 'carol@elsewhere.test',
      to: ['alice@theorganisation.test'],
      why,
    });
  }

  /** A report about a message, delivered to carol's mailbox on C. */
  report(host: string, about: string, action: 'delayed' | 'failed' | 'delivered', reportId: string): this {
    this.reportTo('carol@elsewhere.test', host, about, action, reportId);
    if (host === 'c') return this.deliver('c', reportId, 'carol');
    this.relay(host, reportId);
    return this.accept('c', `${reportId}-c`, `report-${reportId}`, { to: 'carol@elsewhere.test', from: '' }).deliver(
      'c',
      `${reportId}-c`,
      'carol',
    );
  }

  /** A report that is made and queued, and no more. */
  reportTo(
    to: string,
    host: string,
    about: string,
    action: 'delayed' | 'failed' | 'delivered',
    reportId: string,
  ): this {
    this.accept(host, reportId, `report-${reportId}`, { origin: 'report', to });
    return this.tell({ kind: 'dsn-sent', host, about, mail: 'x', queueId: reportId, action, to, rcpts: [0] });
  }

  /** It fails, is reported or not, and leaves. */
  fail(host: string, queueId: string, why: Why, reportId: string | null = null): this {
    this.tell({ kind: 'queue-fail', host, queueId, attempt: this.#attempt, rcpts: [0], why, expired: false });
    if (reportId !== null) this.report(host, queueId, 'failed', reportId);
    return this.remove(host, queueId);
  }

  judge(check: string): CheckResult {
    const [result] = evaluateChecks(scenarioWith(`  - ${check}`), this.events, this.state);
    return result!;
  }
}

/** C tries A for three days and warns carol once. */
export function oneMxWaits(): Story {
  return new Story()
    .accept('c', 'C1', 'minutes')
    .defer('c', 'C1', noAnswer)
    .at('30m')
    .defer('c', 'C1', noAnswer)
    .at('4h4m')
    .defer('c', 'C1', noAnswer)
    .report('c', 'C1', 'delayed', 'C2')
    .at('3d11m')
    .tell({
      kind: 'queue-try',
      host: 'c',
      queueId: 'C1',
      attempt: 'last',
      tryNumber: 1,
      domain: 'theorganisation.test',
      rcpts: [0],
    })
    .accept('a', 'A1', 'minutes')
    .deliver('a', 'A1', 'alice')
    .relay('c', 'C1');
}

/**
 * Loads every YAML block of a document: a whole lab (with `title`) as it is, a fragment within the small world above.
 * Gives how many whole labs there were, and what was wrong.
 */
export function loadedDocument(markdown: string): { whole: number; errors: string[] } {
  let whole = 0;
  const errors: string[] = [];
  for (const [, block] of markdown.matchAll(/^```yaml\n([^]*?)^```/gm)) {
    const isWhole = /^title:/m.test(block!);
    if (isWhole) whole += 1;
    const loaded = loadScenario(isWhole ? block! : inWorld(block!), 'docs.yaml', () => ({
      ok: true,
      bytes: Buffer.from('Subject: x\r\n\r\n'),
    }));
    if (!loaded.ok)
      errors.push(...loaded.errors.map(({ line, message }) => `${block!.split('\n')[0]} ... ${line}: ${message}`));
  }
  return { whole, errors };
}

/** A fragment's own top-level keys take the place of the world's. */
function inWorld(fragment: string): string {
  const sections = (text: string): [string, string][] =>
    text
      .split(/^(?=[a-z-]+:)/m)
      .filter((part) => /^[a-z]/i.test(part))
      .map((part) => [part.slice(0, part.indexOf(':')), part]);
  const parts = new Map([...sections(WORLD), ...sections(fragment)]);
  const own = WORLD.split('script:\n')[1]!;
  // Steps of a fragment may speak of the messages of the world.
  if (fragment.startsWith('script:')) parts.set('script', `script:\n${own}${fragment.slice('script:\n'.length)}`);
  return [...parts.values()].map((part) => (part.endsWith('\n') ? part : `${part}\n`)).join('');
}
