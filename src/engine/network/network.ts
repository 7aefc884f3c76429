/** Dials, listens and publishes: the door itself. See index.ts for what this room promises. */
import net from 'node:net';
import type { LabEvent, Told } from '../../contract/events.ts';
import type { BodyRef, HostKey, HostState, NetworkState } from '../../contract/model.ts';
import type { Work } from '../clock/index.ts';
import { Datagrams, type Asker, type NameServerAnswer } from './datagrams.ts';
import { askDns, serveDns } from './dns-tcp.ts';
import type { End } from './end.ts';
import { createFaults, type Reached, type Struck } from './faults.ts';
import { Line, type LineFacts, type LineOwner } from './line.ts';
import { createOutsidePorts } from './outside-ports.ts';
import { createPlaces, FATES, NAME_SERVER_ADDRESS, type Place } from './places.ts';
import type { Wires } from './wires.ts';

export interface NetworkDeps {
  now(): number;
  at(when: number, name: string, run: () => void): () => void;
  work: Work;
  wires: Wires;
  state(): NetworkState;
  hosts(): Record<HostKey, HostState>;
  tell(event: Told): void;
  keep(bytes: Buffer): BodyRef;
  /** A connection reached port 25 of a host that is up. */
  accept(host: HostKey, end: End, session: string, caller: Caller): void;
  /** The name server: bytes in, bytes out. `asker.network` is filled in here. */
  answer(query: Buffer, asker: Asker, tcp: boolean): NameServerAnswer;
  /** Real time, for outside programs: run at the end of an instant. */
  realTimer(ms: number, run: () => void): () => void;
  realNow(): number;
  /** Turn of the clock's loop, for what comes from outside. */
  turn(): number;
  wake(): void;
  /** For tests: put random real delays into accept, read and write, in order for each key. */
  rough?: (key: object, run: () => void) => void;
}

export interface Caller {
  host: HostKey | null;
  address: string;
  port: number;
  network: string;
  outside: boolean;
}

export interface DialRequest {
  /** Host key, or null for a client program that stands in `network`. */
  source: HostKey | null;
  network: string | null;
  address: string;
  port: number;
  timeoutMs: number;
}

export type DialResult =
  | { ok: true; end: End; session: string }
  | { ok: false; session: string; problem: 'refused' | 'timeout' };

export interface Published {
  host: HostKey | 'dns';
  network: string;
  port: number;
}

const DNS_TIMEOUT_MS = 5_000;
const NAME_SERVER_TRIES = 8;
const FIRST_SIMULATED_PORT = 32_768;

export type Network = ReturnType<typeof createNetwork>;

export function createNetwork(deps: NetworkDeps) {
  const faults = createFaults(deps);
  const rough = deps.rough ?? ((_key: object, run: () => void) => run());
  const lines = new Map<string, Line>();
  const ports = createOutsidePorts({ rough, wires: deps.wires, wake: deps.wake });
  const waiting = { dialled: new Map<number, (accepted: net.Socket) => void>(), accepted: new Map<number, net.Socket>() };
  /** Calls between dial and answer, and datagrams: on the way, though no byte of a line is. */
  let calling = 0;
  let gate: net.Server | null = null;
  let gatePort = 0;

  const { networkOf, hostAt, latency, placeOf, clientAddress, outsideNetwork, verdict, meets } = createPlaces(deps);
  const outsideLines = (): Line[] => [...lines.values()].filter((line) => line.outside);
  const ends = (facts: LineFacts) => ({
    source: { host: facts.source, network: facts.sourceNetwork },
    target: { host: facts.target, network: facts.targetNetwork },
  });

  const owner: LineOwner = {
    now: deps.now,
    realNow: deps.realNow,
    at: deps.at,
    wires: deps.wires,
    swallows: faults.swallows,
    strikes: faults.strikes,
    delayMs(line, _from, bytes) {
      const { source, target } = ends(line.facts);
      const rate = Math.min(...[source.host, target.host].map((key) => (key === null ? null : deps.state().lines[key]?.bytesPerSecond) ?? Infinity));
      return latency(source, target) + (rate === Infinity ? 0 : Math.ceil((bytes / rate) * 1000));
    },
    lost: (line, from, bytes, cause) => deps.tell({ kind: 'link-lost', session: line.facts.session, from, bytes, cause }),
    closed(line, by) {
      lines.delete(line.facts.session);
      deps.tell({ kind: 'link-close', session: line.facts.session, by, host: line.facts.target });
    },
    wasReset(line, cause) {
      lines.delete(line.facts.session);
      deps.tell({ kind: 'link-reset', session: line.facts.session, cause, host: line.facts.target });
    },
    heard(line, chunk) {
      const { session } = line.facts;
      if (chunk === null) deps.tell({ kind: 'client-end', session, how: 'fin', turn: deps.turn() });
      else deps.tell({ kind: 'client-data', session, body: deps.keep(chunk), turn: deps.turn() });
    },
    left: (line, how) => deps.tell({ kind: 'client-end', session: line.facts.session, how, turn: deps.turn() }),
    realTimer: deps.realTimer,
    wake: deps.wake,
    rough,
  };

  const datagrams = new Datagrams({
    wires: deps.wires,
    now: deps.now,
    at: deps.at,
    latencyMs: (host) => latency(placeOf(host), { host: null, network: networkOf(NAME_SERVER_ADDRESS) }),
    answer: (query, asker, tcp) => deps.answer(query, { ...asker, network: asker.host === null ? asker.network : placeOf(asker.host).network }, tcp),
    outsideNetwork,
    wake: deps.wake,
    rough,
  });

  const nextOrder = () => deps.state().sessionCount + 1;
  const simulatedPort = (order: number) => FIRST_SIMULATED_PORT + (order % 28_000);
  /** What becomes of a connection attempt at this instant, told to the journal. */
  const admit = (source: Place, targetAddress: string, targetPort: number, outside = false) => {
    const order = nextOrder();
    const session = `s${order}`;
    const { kind, rule, target } = meets(source, targetAddress, targetPort);
    const base = { session, source: source.host, targetAddress, targetPort, ...(outside ? { outside: source.network, turn: deps.turn() } : {}) };
    const [sourceAddress, host] = [source.address, target?.key ?? null];
    switch (kind) {
      case 'firewall-drop': case 'firewall-reject': deps.tell({ kind, ...base, sourceAddress, rule, host }); break;
      case 'link-silence': case 'link-refuse': deps.tell({ kind, ...base, host }); break;
      case 'link-connect': deps.tell({ kind, ...base, sourceAddress, sourcePort: simulatedPort(order), host: host ?? 'dns', rule });
    }
    return { order, session, fate: FATES[kind], target };
  };

  const serve = (line: Line, caller: Caller): void => {
    if (line.over) return;
    if (line.facts.target === null) {
      return serveDns(line.ends.server, {
        answer: (query) => deps.answer(query, { host: caller.host, network: caller.network }, true),
        later: (delayMs, run) => void deps.at(deps.now() + delayMs, 'dns tcp', run),
      });
    }
    const host = deps.hosts()[line.facts.target];
    if (host === undefined || host.power === 'off') return; // silence: it went off while the call was under way
    if (host.power !== 'up') return line.reset(`${line.facts.target} stopped meanwhile`);
    deps.accept(line.facts.target, line.ends.server, line.facts.session, caller);
  };

  /** Connect two real sockets through the gate; the result comes through the ordered door. */
  const connectPair = (line: Line, ready: () => void): void => {
    const done = deps.work.begin(`dial ${line.facts.session}`);
    const socket = net.connect({ host: '127.0.0.1', port: gatePort, allowHalfOpen: true, noDelay: true });
    const fail = (error: Error) => done(() => line.reset(`the loopback connection failed: ${error.message}. Are there too many open files?`));
    socket.once('error', fail);
    socket.once('connect', () => {
      const complete = (accepted: net.Socket) => {
        socket.removeListener('error', fail);
        line.attach('client', socket);
        line.attach('server', accepted);
        done(ready);
      };
      const port = socket.localPort as number;
      const accepted = waiting.accepted.get(port);
      if (accepted === undefined) waiting.dialled.set(port, complete);
      else {
        waiting.accepted.delete(port);
        complete(accepted);
      }
    });
  };

  const gateAccept = (socket: net.Socket): void => {
    const port = socket.remotePort as number;
    const complete = waiting.dialled.get(port);
    if (complete !== undefined) {
      waiting.dialled.delete(port);
      complete(socket);
      return;
    }
    // Whoever comes to the gate without having been dialled is no host of the lab: forget it when it leaves.
    waiting.accepted.set(port, socket);
    socket.on('error', () => undefined);
    socket.once('close', () => waiting.accepted.delete(port));
  };

  const dial = (request: DialRequest): Promise<DialResult> => new Promise((resolve) => {
    const source = request.source === null ? { host: null, network: request.network ?? 'internet', address: clientAddress(request.network ?? 'internet') } : placeOf(request.source);
    const admitted = admit(source, request.address, request.port);
    const { session, order } = admitted;
    const oneWay = latency(source, { host: admitted.target?.key ?? null, network: networkOf(request.address) });
    const name = `dial ${String(order).padStart(9, '0')}`;
    const start = deps.now();
    const fail = (problem: 'refused' | 'timeout', afterMs: number) => deps.at(start + afterMs, name, () => resolve({ ok: false, session, problem }));
    if (admitted.fate === 'silence') return void fail('timeout', request.timeoutMs);
    if (admitted.fate === 'refused') return void fail('refused', Math.min(2 * oneWay, request.timeoutMs));
    const line = new Line(owner, {
      order, session, source: request.source, target: admitted.target?.key ?? null,
      sourceNetwork: source.network, targetNetwork: networkOf(request.address),
      addresses: { localAddress: source.address, localPort: simulatedPort(order), remoteAddress: request.address, remotePort: request.port },
    }, false);
    lines.set(session, line);
    const caller: Caller = { host: request.source, address: source.address, port: simulatedPort(order), network: source.network, outside: false };
    calling += 1;
    connectPair(line, () => {
      // The server hears of the call one way later, the caller of the answer after the way back.
      deps.at(start + oneWay, `${name} accept`, () => serve(line, caller));
      deps.at(start + 2 * oneWay, `${name} connected`, () => {
        calling -= 1;
        if (line.over) resolve({ ok: false, session, problem: 'refused' });
        else resolve({ ok: true, end: line.ends.client as End, session });
      });
    });
  });

  /** Let programs from outside in: a port that leads to port 25 of a host. The name server's is open from the start. */
  const publish = async (host: HostKey | 'dns', network: string, port: number): Promise<Published> => {
    // Asked here, as a caller could not be told any more.
    clientAddress(network);
    if (host === 'dns') return { host, network: outsideNetwork(), port: datagrams.port };
    placeOf(host);
    return { host, network, port: await ports.open(port, host, (socket) => openOutside(socket, host, network)) };
  };

  /** The same port for both ways to ask: what is too long for a datagram is asked for again over TCP. */
  const openNameServer = async (wanted: number, orAny: boolean, triesLeft = NAME_SERVER_TRIES): Promise<void> => {
    try {
      await datagrams.open(await ports.open(wanted, "the lab's name server", (socket) => openOutside(socket, 'dns', outsideNetwork())));
    } catch (error) {
      ports.close();
      if (!orAny || triesLeft === 0) throw error;
      await openNameServer(0, orAny, triesLeft - 1);
    }
  };

  /** `socket` is null when a recorded call is played again. */
  const openOutside = (socket: net.Socket | null, host: HostKey | 'dns', network: string): void => {
    const source = { host: null, network, address: clientAddress(network) };
    const targetAddress = host === 'dns' ? NAME_SERVER_ADDRESS : placeOf(host).address;
    const targetPort = host === 'dns' ? 53 : 25;
    const admitted = admit(source, targetAddress, targetPort, true);
    if (admitted.fate === 'refused') return void socket?.resetAndDestroy();
    if (admitted.fate === 'silence') return void socket?.resume(); // what it says is swallowed; it leaves when it likes
    const line = new Line(owner, {
      order: admitted.order, session: admitted.session, source: null, target: admitted.target?.key ?? null,
      sourceNetwork: network, targetNetwork: networkOf(targetAddress),
      addresses: { localAddress: source.address, localPort: simulatedPort(admitted.order), remoteAddress: targetAddress, remotePort: targetPort },
    }, true);
    lines.set(admitted.session, line);
    if (socket !== null) line.attach('server', socket);
    socket?.resume();
    serve(line, { host: null, address: source.address, port: simulatedPort(admitted.order), network, outside: true });
  };

  const dnsOverTcp = async (host: HostKey, query: Buffer): Promise<Buffer | 'timeout' | 'refused'> => {
    const result = await dial({ source: host, network: null, address: NAME_SERVER_ADDRESS, port: 53, timeoutMs: DNS_TIMEOUT_MS });
    return result.ok ? askDns(result.end, query, DNS_TIMEOUT_MS) : result.problem;
  };

  const dnsOverUdp = (host: HostKey, query: Buffer): Promise<Buffer | 'timeout' | 'refused'> => new Promise((resolve) => {
    const source = placeOf(host);
    const name = `dns timeout ${String(query.readUInt16BE(0)).padStart(5, '0')}`;
    const { action } = verdict(source, NAME_SERVER_ADDRESS, 53);
    if (action === 'reject') return resolve('refused');
    const cancel = deps.at(deps.now() + DNS_TIMEOUT_MS, name, () => resolve('timeout'));
    if (action === 'drop' || deps.state().lines[host]?.cut) return;
    datagrams.ask(host, query, (answer) => {
      if (answer === null) return; // nobody will answer: the time-out tells the resolver
      cancel();
      resolve(answer);
    });
  });

  return {
    /** Open the gate and the name server's sockets. `dnsPort` 0: any free port; `orAny`: another one where it is in use. */
    async open({ dnsPort, orAny }: { dnsPort: number; orAny: boolean }): Promise<void> {
      gate = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => rough(socket, () => gateAccept(socket)));
      gate.listen(0, '127.0.0.1', 512);
      await new Promise<void>((resolve, reject) => {
        gate?.once('listening', resolve);
        gate?.once('error', reject);
      });
      gatePort = (gate.address() as net.AddressInfo).port;
      try {
        await openNameServer(dnsPort, orAny || dnsPort === 0);
      } catch (error) {
        gate.close();
        datagrams.close();
        throw error;
      }
    },
    dial,
    /** What a call of a host to port 25 there would meet now. Nothing is told, and no rule counts it. */
    wouldMeet: (host: HostKey, address: string) => meets(placeOf(host), address, 25),
    publish,
    get dnsPort(): number {
      return datagrams.port;
    },
    exchange: (host: HostKey, query: Buffer, tcp: boolean) => (tcp ? dnsOverTcp(host, query) : dnsOverUdp(host, query)),
    /** A server tells how far a dialogue came; a fault may strike here. */
    reach(session: string, reached: Reached): Struck {
      const line = lines.get(session);
      return line === undefined || deps.state().faults.length === 0 ? null : faults.reach(line, reached);
    },
    /** Play an outside program's act again, as the journal has it. */
    replay(event: LabEvent, read: (ref: BodyRef) => Buffer): void {
      if (event.kind === 'client-data') lines.get(event.session)?.replay(read(event.body));
      else if (event.kind === 'client-end') {
        const line = lines.get(event.session);
        if (event.how === 'fin') line?.replay(null);
        else if (event.how === 'silent') line?.replaySilence();
        else line?.leave();
      } else if ('outside' in event && event.outside !== undefined) {
        openOutside(null, event.targetAddress === NAME_SERVER_ADDRESS ? 'dns' : (hostAt(event.targetAddress)?.key ?? 'dns'), event.outside);
      }
    },
    /** Reset what is open: of one host, as when it crashes, or all. */
    resetSessions(host: HostKey | null, cause: string): void {
      for (const line of [...lines.values()].sort((a, b) => a.order - b.order)) {
        if (host === null || line.facts.source === host || line.facts.target === host) line.reset(cause);
      }
    },
    /** Is anything on its way between the lab's hosts, counting what travels through time? */
    busy: () => calling > 0 || datagrams.busy || [...lines.values()].some((line) => !line.outside && line.travelling),
    outsideOpen: () => outsideLines().length > 0,
    /** A program from outside was answered within so many real ms, and may be about to say more. */
    outsideActive: (withinMs: number) => outsideLines().some((line) => line.expectsWord(withinMs)),
    sessionIsOpen: (session: string) => lines.has(session),
    closeNameServer: () => datagrams.closeServer(),
    async close(): Promise<void> {
      ports.close();
      for (const line of [...lines.values()].sort((a, b) => a.order - b.order)) if (!line.over) line.reset('the lab ends');
      datagrams.close();
      await new Promise<void>((resolve) => (gate === null ? resolve() : gate.close(() => resolve())));
    },
  };
}
