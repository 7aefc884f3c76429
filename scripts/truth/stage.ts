/**
 * Where a recorded case is played: the world of the recordings as a lab, driven by acts, looked at when it is quiet.
 *
 * Three hosts on one network: A and B of theorganisation.test, C of outside.test. As recorded: the postfix preset, B relays for the
 * domain, strangers hear 454. A person at C hands mail in over SMTP, as a lab has no sendmail command.
 */
import net from 'node:net';
import type { LabAct, LabEvent, SendRequest } from '../../src/contract/events.ts';
import type { HostKey, HostState } from '../../src/contract/model.ts';
import { mailLogLines, type LogLine } from '../../src/engine/journal/maillog.ts';
import { openLab, type Lab } from '../../src/engine/lab.ts';
import { queueJson, queueListing } from '../../src/engine/queue/listing.ts';

type Settings = Record<string, unknown>;
export interface Props {
  hosts?: Partial<Record<HostKey, Settings>>;
  firewall?: string[];
  faults?: unknown[];
  mx?: string[];
  /** What stands in the header's To, and the text, where they are others than those of the first recordings. */
  letter?: { to: string; text: string };
  /** Other hosts and zones than those three. */
  world?: { hosts: Record<HostKey, Settings>; zones: Record<string, string> };
}

/** What is seen at one moment of a case. */
export interface Shot {
  events: LabEvent[];
  log(host: HostKey): LogLine[];
  mailq(host: HostKey): string;
  json(host: HostKey): string;
  /** Messages of a mailbox as files, oldest first; LF at line ends. */
  mailbox(host: HostKey, user: string): string[];
}

export const CLIENT_ADDRESS = '192.0.2.250';
export const BLOCKED = (how: 'drop' | 'reject'): string[] => ['allow b -> a port 25', `${how} any -> a port 25`];
const SECOND = 1000;
const START = '2026-11-24T01:15:00Z';
const ADDRESSES = { a: '192.0.2.1', b: '192.0.2.2', c: '192.0.2.3' };
/** Nobody may relay but this machine itself, as in the recordings; at C also the person who writes. */
const NOBODY = '203.0.113.99';

function worldText({ hosts = {}, firewall = [], faults = [], mx = ['1 a', '2 b'], world }: Props): string {
  const base = { retry: 'postfix', 'relay-clients': NOBODY };
  const lab = {
    title: 'A recorded case',
    shows: 'What a real server did, played in the lab',
    clock: { start: START, seed: 1 },
    networks: { net: { block: '192.0.2.0/24', latency: '1ms' } },
    hosts: world?.hosts ?? {
      a: {
        name: 'a.theorganisation.test',
        address: ADDRESSES.a,
        final: 'theorganisation.test',
        mailboxes: ['alice'],
        ...base,
        ...hosts['a'],
      },
      b: {
        name: 'b.theorganisation.test',
        address: ADDRESSES.b,
        relay: 'theorganisation.test',
        ...base,
        ...hosts['b'],
      },
      c: {
        name: 'c.outside.test',
        address: ADDRESSES.c,
        final: 'outside.test',
        mailboxes: ['carol'],
        ...base,
        'relay-clients': CLIENT_ADDRESS,
        ...hosts['c'],
      },
    },
    zones: world?.zones ?? {
      'theorganisation.test': [
        '$TTL 60',
        ...mx.map((one) => `@ MX ${one}`),
        `a A ${ADDRESSES.a}`,
        `b A ${ADDRESSES.b}`,
        '',
      ].join('\n'),
      'outside.test': ['$TTL 60', '@ MX 10 c', `c A ${ADDRESSES.c}`, ''].join('\n'),
    },
    firewall: { default: 'allow', rules: firewall },
    faults,
  };
  return JSON.stringify(lab, null, 1);
}

export class Stage {
  readonly shots = new Map<string, Shot>();
  /** Dialogues by hand, by the name of their recording: the session of each. */
  readonly talks = new Map<string, string>();
  #lab: Lab;
  #letter: NonNullable<Props['letter']> | null;
  #sent = 0;

  private constructor(lab: Lab, letter: Props['letter']) {
    this.#lab = lab;
    this.#letter = letter ?? null;
  }

  static async open(props: Props): Promise<Stage> {
    const lab = await openLab({
      scenario: { text: worldText(props), file: 'truth.yaml' },
      dir: null,
      version: 'truth',
      script: false,
    });
    lab.driver.setEnd(lab.state.now);
    lab.driver.run().catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
    return new Stage(lab, props.letter);
  }

  get state(): Lab['state'] {
    return this.#lab.state;
  }
  act(act: LabAct): Promise<void> {
    return this.#lab.act(act);
  }

  power(host: HostKey, power: 'start' | 'stop' | 'off'): Promise<void> {
    return this.act({ do: 'host', host, power });
  }

  flush(host: HostKey): Promise<void> {
    return this.act({ do: 'flush', host, domain: null });
  }

  /** Let so much virtual time pass. */
  async pass(seconds: number): Promise<void> {
    const end = this.#lab.driver.now() + seconds * SECOND;
    this.#lab.driver.setEnd(end);
    await this.#lab.driver.jump(end);
    await this.#lab.driver.input(() => undefined);
  }

  /** carol writes; the message is word by word that of the recordings. */
  async send(subject: string, request: Partial<SendRequest> = {}): Promise<void> {
    this.#sent += 1;
    const to = request.to ?? ['alice@theorganisation.test'];
    const date = new Date(this.#lab.driver.now()).toUTCString().replace('GMT', '+0000 (UTC)');
    const { to: addressed, text } = this.#letter ?? {
      to: `<${to[0]}>`,
      text: 'Hello,\n\nThis is the test message.\n\nCarol\n',
    };
    const head = [
      'From: Carol <carol@outside.test>',
      `To: ${addressed}`,
      `Subject: ${subject}`,
      `Message-Id: <20261124011500.${this.#sent}@c.outside.test>`,
      `Date: ${date}`,
    ];
    const raw = Buffer.from([...head, '', text].join('\n').replaceAll('\n', '\r\n')).toString('base64');
    const message: SendRequest = {
      name: null,
      from: 'carol@outside.test',
      to,
      subject,
      body: '',
      raw,
      sizeBytes: null,
      spam: false,
      ret: null,
      envid: null,
      notify: null,
      via: 'c',
      network: null,
      ...request,
    };
    await this.act({ do: 'send', messages: [message], everyMs: 0, connections: 1 });
  }

  /** Speak with a host by hand, over a published port: a command, its reply, and so on. */
  async talk(name: string, host: HostKey, commands: string[]): Promise<void> {
    const { port } = await this.#lab.publish(host, 'net', 0);
    const socket = net.connect(port, '127.0.0.1');
    const replies = repliesOf(socket);
    await replies();
    for (const command of commands) {
      socket.write(`${command}\r\n`);
      await replies();
    }
    await new Promise((go) => socket.once('close', go).end());
    const session = [...this.#lab.events()].reverse().find((event) => event.kind === 'link-connect')?.session;
    this.talks.set(name, session as string);
    await this.pass(1);
  }

  /** Remember what is to be seen now under the name of its recording; listings of the queue may be of an earlier look. */
  shot(name: string, listings?: Shot): void {
    const now = this.look();
    this.shots.set(name, listings === undefined ? now : { ...now, mailq: listings.mailq, json: listings.json });
  }

  /** What is to be seen now. */
  look(): Shot {
    const events = this.#lab.events();
    const names = new Map(
      Object.values(this.state.hosts).flatMap(({ settings }) =>
        settings.addresses.map((address) => [address, settings.name] as const),
      ),
    );
    const hosts = structuredClone(this.state.hosts) as Record<HostKey, HostState>;
    const of = (key: HostKey): HostState => hosts[key] as HostState;
    const files = new Map(
      Object.values(hosts).flatMap(({ key, mailboxes }) =>
        Object.entries(mailboxes).map(([user, box]) => [
          `${key}/${user}`,
          box.map(({ prefix, body }) => `${prefix}${this.#lab.read(body).toString()}`.replaceAll('\r\n', '\n')),
        ]),
      ),
    );
    return {
      events,
      log: (host) => mailLogLines(events, host, names),
      mailq: (host) => queueListing(of(host)),
      json: (host) => queueJson(of(host)),
      mailbox: (host, user) => files.get(`${host}/${user}`) ?? [],
    };
  }

  close(): Promise<void> {
    return this.#lab.close();
  }
}

/** Gives a function that resolves when one more whole reply was heard, or the other side hung up. */
function repliesOf(socket: net.Socket): () => Promise<void> {
  let text = '';
  let heard = 0;
  let waiting: (() => void) | null = null;
  const wake = () => {
    const whole = text.split('\r\n').filter((line) => /^\d{3}( |$)/.test(line)).length;
    if (waiting === null || (whole <= heard && !socket.destroyed)) return;
    heard += 1;
    const go = waiting;
    waiting = null;
    go();
  };
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    wake();
  });
  socket.on('close', wake);
  return () =>
    new Promise((resolve) => {
      waiting = resolve;
      wake();
    });
}
