/**
 * A person's mail program, as the lab plays it: hands messages to a host's port 25 over TCP, as a client that
 * stands in a network. It keeps no queue: what the host does not take, the person is told at once.
 */
import { encodeWords } from 'nodemailer/lib/mime-funcs';
import type { SendRequest, Told } from '../contract/events.ts';
import { GTUBE } from '../contract/gtube.ts';
import type { HostKey, HostState, LabState } from '../contract/model.ts';
import type { HostSettings } from '../contract/settings.ts';
import type { Why } from '../contract/why.ts';
import { domainOf } from './addresses.ts';
import type { Clock } from './clock/index.ts';
import { isFinalFor } from './hosts.ts';
import type { Network } from './network/index.ts';
import { mailDate } from './smtp-in/index.ts';
import { Dialogue } from './smtp-out/index.ts';

export interface SubmitDeps {
  clock: Clock;
  state(): LabState;
  network: Network;
  tell(event: Told): void;
}

const CLIENT_TIMEOUTS: HostSettings['timeouts'] = {
  connectMs: 30_000,
  greetingMs: 300_000,
  commandMs: 300_000,
  dataMs: 120_000,
  dataBlockMs: 180_000,
  finalDotMs: 600_000,
};

export function createSubmitter({ clock, state, network, tell }: SubmitDeps) {
  let underWay = 0;
  let lanesOpen = 0;

  const via = (request: SendRequest): HostKey => {
    if (request.via !== null) {
      if (state().hosts[request.via] === undefined)
        throw new Error(`no host '${request.via}' in this lab; there are: ${Object.keys(state().hosts).join(', ')}`);
      return request.via;
    }
    const domain = domainOf(request.from);
    const found = Object.values(state().hosts).find((host) => isFinalFor(host.settings, domain));
    if (found === undefined)
      throw new Error(
        `no host of this lab is final for ${domain}: say which one takes the message of ${request.from} (via)`,
      );
    return found.key;
  };

  const submit = async (
    request: SendRequest,
    host: HostKey,
    dialogue: Dialogue | null,
    serial: number,
  ): Promise<Dialogue | null> => {
    const target = state().hosts[host] as HostState;
    const { bytes, messageId } = compose(request, clock.now(), serial, state().seed);
    const facts = { name: request.name, messageId, host, from: request.from, to: request.to };
    const fail = (session: string | null, why: Why, to = request.to) => {
      tell({ kind: 'submit-fail', ...facts, to, session, why });
      return null;
    };
    let open = dialogue !== null && dialogue.usable ? dialogue : null;
    if (open === null) {
      const peer = { name: target.settings.name, address: target.settings.addresses[0] as string, port: 25 };
      const dialled = await network.dial({
        source: null,
        network: request.network ?? target.settings.network,
        address: peer.address,
        port: 25,
        timeoutMs: CLIENT_TIMEOUTS.connectMs,
      });
      if (!dialled.ok) return fail(dialled.session, { kind: 'connect', peer, problem: dialled.problem });
      open = new Dialogue(dialled.end, {
        host: null,
        name: 'client',
        peer,
        session: dialled.session,
        timeouts: CLIENT_TIMEOUTS,
        now: clock.now,
        at: clock.at,
        tell,
      });
      const why = await open.open();
      if (why !== null) {
        void open.quit();
        return fail(dialled.session, why);
      }
    }
    const result = await open.transact({
      envelope: {
        sender: request.from,
        ret: request.ret,
        envid: request.envid,
        eightBit: bytes.some((byte) => byte > 127),
        smtpUtf8: [request.from, ...request.to].some((address) => /[^\x20-\x7e]/.test(address)),
      },
      rcpts: request.to.map((address) => ({ address, notify: request.notify, orcpt: null })),
      message: bytes,
      downgrades: true,
    });
    const refused = result.rcpts.flatMap((heard, index) =>
      heard.ok ? [] : [{ why: heard.why, to: request.to[index] as string }],
    );
    for (const alike of Map.groupBy(refused, ({ why }) => JSON.stringify(why)).values())
      fail(
        open.session,
        alike[0]!.why,
        alike.map(({ to }) => to),
      );
    const taken = result.rcpts.find((heard) => heard.ok);
    if (taken !== undefined && taken.ok)
      tell({ kind: 'submit-done', ...facts, session: open.session, reply: taken.reply });
    return result.reusable ? open : (void open.quit(), null);
  };

  /** One connection: its messages one after another, each not before its time. */
  const lane = async (
    requests: { request: SendRequest; host: HostKey; at: number; serial: number }[],
  ): Promise<void> => {
    lanesOpen += 1;
    let dialogue: Dialogue | null = null;
    let lastHost: HostKey | null = null;
    for (const { request, host, at, serial } of requests) {
      if (at > clock.now()) {
        if (dialogue !== null) await dialogue.quit();
        dialogue = null;
        await new Promise<void>((go) => clock.at(at, `submit ${String(serial).padStart(7, '0')}`, go));
      }
      if (host !== lastHost && dialogue !== null) {
        await dialogue.quit();
        dialogue = null;
      }
      lastHost = host;
      underWay += 1;
      dialogue = await submit(request, host, dialogue, serial);
      underWay -= 1;
    }
    if (dialogue !== null) await dialogue.quit();
    lanesOpen -= 1;
  };

  return {
    /** Messages that are being handed in at this moment. */
    busy: () => underWay > 0,
    /** Messages that are being handed in, or will be at their time. */
    pending: () => lanesOpen > 0,
    /** Throws for a request that names a host or a network that isn't there. */
    check(messages: SendRequest[]): void {
      for (const request of messages) {
        via(request);
        const { networks } = state().network;
        if (request.network !== null && !networks.some(({ key }) => key === request.network))
          throw new Error(
            `no network '${request.network}' in this lab; there are: ${networks.map(({ key }) => key).join(', ')}`,
          );
      }
    },
    /** Begin to hand messages in, `everyMs` apart, over so many connections at once. */
    send(messages: SendRequest[], everyMs: number, connections: number): void {
      const now = clock.now();
      const lanes: Parameters<typeof lane>[0][] = Array.from(
        { length: Math.min(Math.max(1, connections), messages.length) },
        () => [],
      );
      const before = state().scenario.submitCount - messages.length;
      messages.forEach((request, index) => {
        // A mail program is set up once: where its host goes meanwhile, it doesn't hear.
        lanes[index % lanes.length]?.push({
          request,
          host: via(request),
          at: now + index * everyMs,
          serial: before + index + 1,
        });
      });
      for (const requests of lanes) void lane(requests);
    },
  };
}

/** The message as the mail program writes it, RFC 5322. Same seed, instant and serial: same bytes. */
export function compose(
  request: SendRequest,
  now: number,
  serial: number,
  seed: number,
): { bytes: Buffer; messageId: string } {
  const domain = domainOf(request.from) || 'localhost';
  const stamp = new Date(now).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const messageId = `<${request.name === null ? `${stamp}.${serial}` : request.name.replace(/[^A-Za-z0-9._-]/g, '-')}.${seed}@${domain}>`;
  if (request.raw !== null) return withRaw(Buffer.from(request.raw, 'base64'), messageId);
  const body = padded(
    `${request.body}${request.spam ? `\n${GTUBE}\n` : ''}`.replace(/\r?\n/g, '\r\n'),
    request.sizeBytes,
  );
  const isAscii = /^[\x20-\x7e\r\n\t]*$/.test(body);
  const headers = [
    `Date: ${mailDate(now).replace(' (UTC)', '')}`,
    `From: <${request.from}>`,
    `To: ${request.to.map((address) => `<${address}>`).join(',\r\n ')}`,
    `Subject: ${encodeWords(request.subject, 'Q', 52)}`,
    `Message-ID: ${messageId}`,
    'MIME-Version: 1.0',
    `Content-Type: text/plain; charset=utf-8`,
    `Content-Transfer-Encoding: ${isAscii ? '7bit' : '8bit'}`,
  ];
  return {
    bytes: Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}${body.endsWith('\r\n') ? '' : '\r\n'}`),
    messageId,
  };
}

/** A file as it is. One without a Message-ID gets one, as a mail program would do it, so that it can be followed. */
function withRaw(raw: Buffer, messageId: string): { bytes: Buffer; messageId: string } {
  const end = raw.indexOf('\r\n\r\n');
  const block = raw.toString('latin1', 0, end < 0 ? raw.length : end);
  const own = /^message-id:\s*(<[^>\s]+>)/im.exec(block);
  if (own !== null) return { bytes: raw, messageId: own[1] as string };
  return { bytes: Buffer.concat([Buffer.from(`Message-ID: ${messageId}\r\n`), raw]), messageId };
}

const FILL = 'The quick brown fox jumps over the lazy dog. 0123456789 abcdefghijkl\r\n';

function padded(body: string, sizeBytes: number | null): string {
  const missing = (sizeBytes ?? 0) - body.length;
  if (missing <= 2) return body;
  const start = body === '' || body.endsWith('\r\n') ? body : `${body}\r\n`;
  // Cut to size, but never between CR and LF.
  const fill = FILL.repeat(Math.ceil(missing / FILL.length))
    .slice(0, missing - 2)
    .replace(/\r$/, '.');
  return `${start}${fill}\r\n`;
}
