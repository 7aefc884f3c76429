/** What the journal says became of messages, and whether a lab opened again is the lab that was. */
import { expect } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import type { LabState } from '../../src/contract/model.ts';
import type { Lab } from '../../src/engine/lab.ts';
import { apply, emptyState, readRecords, type JournalDisk } from '../../src/engine/journal/index.ts';

export interface Folded {
  state: LabState;
  /** Bytes of whole records. */
  end: number;
  /** The lab was whole: all that its file says is in the journal. */
  founded: boolean;
}

/** The state up to the last whole record. */
export function foldDisk(disk: JournalDisk): Folded {
  const state = emptyState();
  let founded = false;
  const end = readRecords(disk, 0, (event) => {
    founded ||= event.kind === 'firewall-set';
    apply(state, event);
  });
  return { state, end, founded };
}

export function foldEvents(events: LabEvent[]): LabState {
  const state = emptyState();
  for (const event of events) apply(state, event);
  return state;
}

const bare = (messageId: string): string => messageId.replace(/[<>]/g, '');

/**
 * Every message that got its 250 is with alice: once, or as often as A took it where a reply between hosts was lost.
 * Returns how many were there more than once.
 */
export function judgeDelivery(lab: Lab, confirmed: Iterable<string>): number {
  const events = lab.events();
  for (const host of Object.values(lab.state.hosts))
    expect(Object.keys(host.queue), `queue of ${host.key}`).toEqual([]);
  const inbox = new Map<string, number>();
  for (const message of lab.state.hosts.a!.mailboxes.alice ?? []) {
    const id = bare(message.messageId);
    inbox.set(id, (inbox.get(id) ?? 0) + 1);
    if (!lab.read(message.body).includes(`Body of ${id}\r\n`)) expect.fail(`the message ${id} is not what was sent`);
  }
  const lost = [...confirmed].filter((id) => !inbox.has(id));
  expect(lost, 'messages that got a 250 and are not with alice').toEqual([]);
  const accepts = new Map<string, string[]>();
  const entered = new Set<string>();
  for (const event of events) {
    if (event.kind === 'message-accept') {
      const key = `${event.host} ${bare(event.messageId)}`;
      accepts.set(key, [...(accepts.get(key) ?? []), event.session ?? '']);
    }
    if (event.kind === 'queue-deliver' && event.how === 'relayed')
      entered.add(`${event.session} ${mailIdOf(events, event)}`);
  }
  let twice = 0;
  for (const [key, sessions] of accepts) {
    const [host, id] = key.split(' ') as [string, string];
    // C hears of each message once; B has it from C; A has as many as B sent on.
    const wanted = host === 'a' ? (accepts.get(`b ${id}`)?.length ?? 0) : 1;
    const known = host === 'c' ? sessions : sessions.filter((session) => entered.has(`${session} ${id}`));
    if (known.length !== wanted)
      expect.fail(
        `${key} was taken ${sessions.length} times, and the sender knew of ${known.length} instead of ${wanted}`,
      );
    if (sessions.length > 1) twice += 1;
  }
  for (const [id, copies] of inbox)
    if (copies !== accepts.get(`a ${id}`)?.length) expect.fail(`${copies} copies of ${id} with alice`);
  return twice;
}

const ids = new WeakMap<LabEvent[], Map<string, string>>();
/** Message-ID of the queue entry that an event is about. */
function mailIdOf(events: LabEvent[], event: LabEvent): string {
  let known = ids.get(events);
  if (known === undefined) {
    known = new Map(
      events.flatMap((one) =>
        one.kind === 'message-accept' ? [[`${one.host} ${one.queueId}`, bare(one.messageId)]] : [],
      ),
    );
    ids.set(events, known);
  }
  return known.get(`${event.host} ${event.queueId}`) ?? '';
}

/** A lab opened again is the one that lay there: its journal goes on behind the last whole record, and only memory is gone. */
export function judgeReopened(lab: Lab, before: Folded): void {
  const events = lab.events();
  const reopened = events[before.state.n];
  expect(reopened?.kind).toBe('lab-reopen');
  expect(reopened?.at).toBe(before.state.now);
  const then = foldEvents(events.slice(0, before.state.n));
  expect(then).toEqual(before.state);
  apply(then, reopened as LabEvent);
  // What lives in memory is gone: sessions and caches. Everything else is as it was.
  const {
    n,
    network: { open, ...network },
    dns: { caches, ...dns },
    ...rest
  } = then;
  const {
    n: n0,
    network: { open: open0, ...network0 },
    dns: { caches: caches0, ...dns0 },
    ...rest0
  } = before.state;
  expect([n, open, caches]).toEqual([n0 + 1, {}, {}]);
  void [open0, caches0];
  expect({ network, dns, ...rest }).toEqual({ network: network0, dns: dns0, ...rest0 });
  expect(lab.state).toEqual(foldEvents(events));
}
