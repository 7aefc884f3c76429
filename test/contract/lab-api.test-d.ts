/**
 * What the compiler must refuse of LabApi, PageApi and the values they carry, and what it must take. Nothing here is run:
 * `npm run typecheck` reads it, and is red where a wrong call is accepted or a right one refused.
 */
import { expectTypeOf } from 'vitest';
import { connectChannel, serveChannel, type Channel } from '../../src/contract/channel.ts';
import type { LabAct, LabEvent, SendRequest } from '../../src/contract/events.ts';
import type { CheckOutcome, ClockStatus, LabApi, LabNews, Pace } from '../../src/contract/lab-api.ts';
import type { Fault, HostState, LabState, Power, QueueEntry } from '../../src/contract/model.ts';
import type { LabCard, PageApi, PageNews, WorldInfo } from '../../src/contract/page-api.ts';
import type { HostSettings, RetryCurve } from '../../src/contract/settings.ts';
import type { BenchView } from '../../src/contract/views.ts';
import type { Peer, RcptStatus, Reply, Why } from '../../src/contract/why.ts';

declare const lab: LabApi;
declare const page: PageApi;
declare const channel: Channel;
declare const message: SendRequest;
declare const fault: Fault;
declare const peer: Peer;
declare const reply: Reply;
declare const why: Why;
declare const anyText: string;

/** A value must fit; at a call site, so that each line stands for itself. */
declare function take<T>(value: T): void;

export function callsOfALab(): void {
  expectTypeOf(lab.clock()).resolves.toEqualTypeOf<ClockStatus>();
  expectTypeOf(lab.state(null)).resolves.toEqualTypeOf<LabState>();
  expectTypeOf(lab.bench(3)).resolves.toEqualTypeOf<BenchView>();
  expectTypeOf(lab.events(1, 3)).resolves.toEqualTypeOf<LabEvent[]>();
  expectTypeOf(lab.eventText(1, 3)).resolves.toEqualTypeOf<string>();
  expectTypeOf(lab.checks(null)).resolves.toEqualTypeOf<CheckOutcome[]>();
  expectTypeOf<Parameters<LabApi['act']>>().toEqualTypeOf<[act: LabAct]>();
  expectTypeOf<Pace>().toEqualTypeOf<number | 'max'>();
  void lab.setPace('max');
  void lab.setPace(60);
  void lab.jump(null);
  void lab.mailbox(null, 'a', 'alice');
  void lab.publish('dns', 'internet', 0);

  // @ts-expect-error no such call
  void lab.format();
  // @ts-expect-error a call of PageApi
  void lab.open('line-cut');
  // @ts-expect-error no such pace
  void lab.setPace('fast');
  // @ts-expect-error a pace is not text
  void lab.setPace('60');
  // @ts-expect-error null is for pause()
  void lab.setPace(null);
  // @ts-expect-error the pace is missing
  void lab.setPace();
  // @ts-expect-error now is null, and is said
  void lab.state();
  // @ts-expect-error an instant is a number
  void lab.jump('2026-03-02T09:00Z');
  // @ts-expect-error an instant is no Date
  void lab.jump(new Date());
  // @ts-expect-error from where to where
  void lab.events(1);
  // @ts-expect-error one too many
  void lab.events(1, 2, 3);
  // @ts-expect-error whose mailbox
  void lab.mailbox(null, 'a');
  // @ts-expect-error where it is, is missing
  void lab.message({ size: 5 });
  // @ts-expect-error an answer comes later
  take<ClockStatus>(lab.clock());
  // @ts-expect-error no such thing in an answer
  void lab.clock().then(({ speed }) => speed);
}

export function actsOnALab(): void {
  void lab.act({ do: 'host', host: 'a', power: 'crash' });
  void lab.act({ do: 'send', messages: [message], everyMs: 0, connections: 1 });
  void lab.act({ do: 'set', host: 'a', settings: { diskBytes: null, relayDenied: 'permanent' } });
  void lab.act({ do: 'line', host: 'a', line: { cut: true } });
  void lab.act({ do: 'hold', host: 'a', queueIds: ['C1'] });
  void lab.act({ do: 'fault', fault: { ...fault, when: { at: 'final-dot' } } });

  // @ts-expect-error no such act
  void lab.act({ do: 'dance' });
  // @ts-expect-error any text is not an act
  void lab.act({ do: anyText, host: 'a' });
  // @ts-expect-error an act is not text
  void lab.act('stop');
  // @ts-expect-error which host
  void lab.act({ do: 'host', power: 'stop' });
  // @ts-expect-error a state of a host, and nothing to do to one
  void lab.act({ do: 'host', host: 'a', power: 'stopped' });
  // @ts-expect-error belongs to another act
  void lab.act({ do: 'jump', to: 5, host: 'a' });
  // @ts-expect-error who sees the zone
  void lab.act({ do: 'zone', name: 'theorganisation.test', text: '@ MX 1 a' });
  // @ts-expect-error one queue id is a list too
  void lab.act({ do: 'delete', host: 'a', queueIds: 'C1' });
  // @ts-expect-error no such setting
  void lab.act({ do: 'set', host: 'a', settings: { disk: 5 } });
  // @ts-expect-error a size is a number of bytes
  void lab.act({ do: 'set', host: 'a', settings: { diskBytes: '5 MB' } });
  // @ts-expect-error a line is cut or not
  void lab.act({ do: 'line', host: 'a', line: { cut: 'yes' } });
  // @ts-expect-error to whom
  void lab.act({ do: 'send', messages: [{ from: 'carol@elsewhere.test' }], everyMs: 0, connections: 1 });
  // @ts-expect-error no such point of a dialogue
  void lab.act({ do: 'fault', fault: { ...fault, when: { at: 'lunch' } } });
  // @ts-expect-error what is answered
  void lab.act({ do: 'fault', fault: { ...fault, then: { do: 'answer' } } });
}

export function callsOfAPage(): void {
  expectTypeOf(page.labs()).resolves.toEqualTypeOf<LabCard[]>();
  expectTypeOf(page.branch('w1', 5)).resolves.toEqualTypeOf<WorldInfo>();
  expectTypeOf(page.ask('w1', 'clock', [])).resolves.toEqualTypeOf<ClockStatus>();
  expectTypeOf(page.ask('w1', 'eventText', [1, 5])).resolves.toEqualTypeOf<string>();
  expectTypeOf(page.ask('w1', 'act', [{ do: 'jump', to: 5 }])).resolves.toEqualTypeOf<void>();
  void page.ask('w1', 'setPace', ['max']);

  // @ts-expect-error no such call
  void page.shutdown();
  // @ts-expect-error a call of LabApi: it goes by ask
  void page.setPace(60);
  // @ts-expect-error which lab
  void page.open();
  // @ts-expect-error the name of its file, then its text
  void page.openText('hosts: {}');
  // @ts-expect-error an event's number
  void page.branch('w1', 'lab-end');
  // @ts-expect-error in which world
  void page.ask('clock', []);
  // @ts-expect-error no such call of a lab
  void page.ask('w1', 'format', []);
  // @ts-expect-error a call of the page itself
  void page.ask('w1', 'labs', []);
  // @ts-expect-error arguments are a list
  void page.ask('w1', 'setPace', 60);
  // @ts-expect-error arguments are a list, even of none
  void page.ask('w1', 'clock');
  // @ts-expect-error no such pace
  void page.ask('w1', 'setPace', ['fast']);
  // @ts-expect-error whose mailbox
  void page.ask('w1', 'mailbox', [null, 'a']);
  // @ts-expect-error one too many
  void page.ask('w1', 'clock', [5]);
  // @ts-expect-error the arguments of another call
  void page.ask('w1', 'events', [null, 'a']);
  // @ts-expect-error no such act
  void page.ask('w1', 'act', [{ do: 'dance' }]);
  // @ts-expect-error the answer of another call
  void page.ask('w1', 'clock', []).then(({ hosts }) => hosts);
}

export function endsOfAChannel(): void {
  expectTypeOf(connectChannel<LabApi, LabNews>(channel, {})).toEqualTypeOf<LabApi>();
  expectTypeOf(serveChannel<LabApi, LabNews>(channel, lab, ['act'], () => undefined)).toEqualTypeOf<LabNews>();
  connectChannel<PageApi, PageNews>(channel, {
    events: (world, batch) => (take<string>(world), take<LabEvent[]>(batch)),
  });

  // @ts-expect-error no such news
  connectChannel<LabApi, LabNews>(channel, { weather: () => undefined });
  // @ts-expect-error a lab's news name no world
  connectChannel<LabApi, LabNews>(channel, { events: (_world: string, batch: LabEvent[]) => void batch });
  // @ts-expect-error one of the calls is not there
  serveChannel<Pick<LabApi, 'act' | 'clock'>, LabNews>(channel, { act: lab.act }, ['act'], () => undefined);
  // @ts-expect-error no such call to be served
  serveChannel<LabApi, LabNews>(channel, lab, ['format'], () => undefined);
  // @ts-expect-error a channel that tells no end
  connectChannel<LabApi, LabNews>({ post: channel.post, on: channel.on }, {});
}

/** A union carries its evidence: what is said without it is no value of it. */
export function evidence(): void {
  take<Why>({ kind: 'connect', peer, problem: 'refused' });
  take<Why>({ kind: 'suspended', domain: 'x.test', last: why });
  take<RcptStatus>({ kind: 'deferred', at: 0, why, retryAt: 5 });

  // @ts-expect-error whom it could not reach
  take<Why>({ kind: 'connect', problem: 'refused' });
  // @ts-expect-error what was said
  take<Why>({ kind: 'reply', peer, stage: 'rcpt' });
  // @ts-expect-error at which stage
  take<Why>({ kind: 'lost', peer, problem: 'closed' });
  // @ts-expect-error which look-up
  take<Why>({ kind: 'dns', problem: 'nxdomain' });
  // @ts-expect-error a dial is not closed
  take<Why>({ kind: 'connect', peer, problem: 'closed' });
  // @ts-expect-error no such stage
  take<Why>({ kind: 'reply', peer, stage: 'lunch', reply });
  // @ts-expect-error no such reason
  take<Why>({ kind: 'bad-luck' });
  // @ts-expect-error words are made from the evidence, and stand for none
  take<Why>('Connection refused');

  // @ts-expect-error no such state
  take<RcptStatus>({ kind: 'bounced', at: 0, why });
  // @ts-expect-error why
  take<RcptStatus>({ kind: 'deferred', at: 0, retryAt: 5 });
  // @ts-expect-error until when
  take<RcptStatus>({ kind: 'deferred', at: 0, why });
  // @ts-expect-error what was answered
  take<RcptStatus>({ kind: 'delivered', at: 0, how: 'mailbox', peer: null });
  // @ts-expect-error one who waits has not failed
  take<RcptStatus>({ kind: 'waiting', why });
  // @ts-expect-error no reason to discard
  take<RcptStatus>({ kind: 'discarded', at: 0, reason: 'spam' });
}

export function states(): void {
  expectTypeOf<Power>().toEqualTypeOf<'up' | 'stopped' | 'crashed' | 'off'>();
  expectTypeOf<QueueEntry['nextAt']>().toEqualTypeOf<number | null>();
  expectTypeOf<LabEvent<'queue-defer'>['retryAt']>().toEqualTypeOf<number>();
  take<RetryCurve>({ kind: 'fixed', everyMs: 1_000, countedFrom: 'try' });

  // @ts-expect-error no such state of a host
  take<HostState['power']>('asleep');
  // @ts-expect-error never is null
  take<QueueEntry['nextAt']>('never');
  // @ts-expect-error numbers of another curve
  take<RetryCurve>({ kind: 'square', everyMs: 1_000 });
  // @ts-expect-error no such preset
  take<HostSettings['retry']['preset']>('exchange');
  // @ts-expect-error no such event
  take<LabEvent['kind']>('mail-lost');
  // @ts-expect-error an event has a number
  take<LabEvent<'host-start'>>({ kind: 'host-start', host: 'a', at: 0 });
}
