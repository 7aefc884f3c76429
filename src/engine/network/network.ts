/** Dials, listens and publishes: the door itself. See index.ts for what this room promises. */
import type { Socket } from 'node:net';
import type { LabEvent, Told } from '../../contract/events.ts';
import type { BodyRef, HostKey, HostState, NetworkState } from '../../contract/model.ts';
import type { Table } from '../../contract/table.ts';
import type { Work } from '../clock/index.ts';
import { fileTrouble } from '../files.ts';
import { Datagrams, type Asker, type NameServerAnswer } from './datagrams.ts';
import { askDns, serveDns } from './dns-tcp.ts';
import type { End } from './end.ts';
import { createFaults, type Reached, type Struck } from './faults.ts';
import { createGate } from './gate.ts';
import { InsideLine, type InsideOwner } from './inside-line.ts';
import { createIntake } from './intake.ts';
import type { Line, LineFacts, LineOwner } from './line.ts';
import { OutsideDns } from './outside-dns.ts';
import { OutsideLine, type OutsideOwner } from './outside-line.ts';
import { createOutsidePorts } from './outside-ports.ts';
import { createPlaces, FATES, NAME_SERVER_ADDRESS, type Place } from './places.ts';
import { RecordedProgram, SocketProgram } from './program.ts';
import { reset } from './reset.ts';
import type { Wires } from './wires.ts';

export interface NetworkDeps {
  now(): number;
  at(when: number, name: string, run: () => void): () => void;
  work: Work;
  wires: Wires;
  state(): NetworkState;
  hosts(): Table<HostState>;
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
  /** The machine failed: what hosts were told of it is not true of the lab. */
  complain(message: string): void;
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
  { ok: true; end: End; session: string } | { ok: false; session: string; problem: 'refused' | 'timeout' };

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
  const inside = new Map<string, InsideLine>();
  const outside = new Map<string, OutsideLine>();
  /** What programs on real sockets bring; those of a record bring nothing by themselves. */
  const recorded = new Map<string, RecordedProgram>();
  const intake = createIntake();
  const gate = createGate(rough);
  const ports = createOutsidePorts({ rough, intake, wires: deps.wires, wake: deps.wake });
  /** Calls between dial and answer, and datagrams: on the way, though no byte of a line is. */
  let calling = 0;
  let complained = false;

  const { networkOf, hostAt, latency, placeOf, clientAddress, outsideNetwork, verdict, meets } = createPlaces(deps);
  const lineOf = (session: string): Line | undefined => inside.get(session) ?? outside.get(session);
  const linesInOrder = (): Line[] => [...inside.values(), ...outside.values()].sort((a, b) => a.order - b.order);
  const forget = ({ facts: { session } }: Line): void => {
    inside.delete(session);
    outside.delete(session);
    recorded.delete(session);
  };

  const owners = createOwners(deps, { faults, latency, forget, rough });

  /** One guard for what is asked, wherever it comes from: what the name server can't answer stays unanswered. */
  const answer = (query: Buffer, asker: Asker, tcp: boolean): NameServerAnswer => {
    try {
      return deps.answer(query, asker, tcp);
    } catch {
      return { reply: null, delayMs: 0 };
    }
  };
  const datagrams = new Datagrams({
    wires: deps.wires,
    now: deps.now,
    at: deps.at,
    latencyMs: (host) => latency(placeOf(host), { host: null, network: networkOf(NAME_SERVER_ADDRESS) }),
    answer: (query, host) => answer(query, { host, network: placeOf(host).network }, false),
    rough,
  });
  const outsideDns = new OutsideDns({
    intake,
    realTimer: deps.realTimer,
    answer: (query) => answer(query, { host: null, network: outsideNetwork() }, false),
    wake: deps.wake,
  });

  const nextOrder = () => deps.state().sessionCount + 1;
  const simulatedPort = (order: number) => FIRST_SIMULATED_PORT + (order % 28_000);
  /** What becomes of a connection attempt at this instant, told to the journal. */
  const admit = (source: Place, targetAddress: string, targetPort: number, outside = false) => {
    const order = nextOrder();
    const session = `s${order}`;
    const { kind, rule, target } = meets(source, targetAddress, targetPort);
    const base = {
      session,
      source: source.host,
      targetAddress,
      targetPort,
      ...(outside ? { outside: source.network, turn: deps.turn() } : {}),
    };
    const [sourceAddress, host] = [source.address, target?.key ?? null];
    switch (kind) {
      case 'firewall-drop':
      case 'firewall-reject':
        deps.tell({ kind, ...base, sourceAddress, rule, host });
        break;
      case 'link-silence':
      case 'link-refuse':
        deps.tell({ kind, ...base, host });
        break;
      case 'link-connect':
        deps.tell({ kind, ...base, sourceAddress, sourcePort: simulatedPort(order), host: host ?? 'dns', rule });
    }
    return { order, session, fate: FATES[kind], target };
  };

  const serve = (line: Line, end: End, caller: Caller): void => {
    if (line.over) return;
    const { target, session } = line.facts;
    if (target === null) {
      return serveDns(end, {
        answer: (query) => answer(query, { host: caller.host, network: caller.network }, true),
        later: (delayMs, run) => void deps.at(deps.now() + delayMs, 'dns tcp', run),
      });
    }
    const host = deps.hosts()[target];
    if (host === undefined || host.power === 'off') return; // silence: it went off while the call was under way
    if (host.power !== 'up') return line.reset(`${target} stopped meanwhile`);
    deps.accept(target, end, session, caller);
  };

  /** Connect two real sockets through the gate; the result comes through the ordered door. Where it fails, the line is over. */
  const connectPair = (line: InsideLine, ready: () => void): void => {
    const done = deps.work.begin(`dial ${line.facts.session}`);
    gate.pair((pair) => {
      if (pair instanceof Error) {
        if (!complained)
          deps.complain(
            `this machine could not make a connection between two hosts of the lab: ${fileTrouble(pair)}. To the caller it looked refused, and it tries again. Raise that limit, or let the lab open fewer connections at a time`,
          );
        complained = true;
        return done(() => {
          line.reset(`the loopback connection failed: ${pair.message}. Are there too many open files?`);
          ready();
        });
      }
      line.attach('client', pair.client);
      line.attach('server', pair.server);
      done(ready);
    });
  };

  /** What the line of a call that was let in is. */
  const factsOf = (
    { order, session, target }: ReturnType<typeof admit>,
    source: Place,
    address: string,
    port: number,
  ): LineFacts => ({
    order,
    session,
    source: source.host,
    target: target?.key ?? null,
    sourceNetwork: source.network,
    targetNetwork: networkOf(address),
    addresses: {
      localAddress: source.address,
      localPort: simulatedPort(order),
      remoteAddress: address,
      remotePort: port,
    },
  });
  const callerOf = ({ source, sourceNetwork, addresses }: LineFacts, isOutside: boolean): Caller => ({
    host: source,
    address: addresses.localAddress,
    port: addresses.localPort,
    network: sourceNetwork,
    outside: isOutside,
  });
  /** Where a client program stands. */
  const clientIn = (network: string): Place => ({ host: null, network, address: clientAddress(network) });

  const dial = (request: DialRequest): Promise<DialResult> =>
    new Promise((resolve) => {
      const source = request.source === null ? clientIn(request.network ?? outsideNetwork()) : placeOf(request.source);
      const admitted = admit(source, request.address, request.port);
      const { session, order } = admitted;
      const oneWay = latency(source, { host: admitted.target?.key ?? null, network: networkOf(request.address) });
      const name = `dial ${String(order).padStart(9, '0')}`;
      const start = deps.now();
      const fail = (problem: 'refused' | 'timeout', afterMs: number) =>
        deps.at(start + afterMs, name, () => resolve({ ok: false, session, problem }));
      if (admitted.fate === 'silence') return void fail('timeout', request.timeoutMs);
      if (admitted.fate === 'refused') return void fail('refused', Math.min(2 * oneWay, request.timeoutMs));
      const line = new InsideLine(owners.inside, factsOf(admitted, source, request.address, request.port));
      inside.set(session, line);
      calling += 1;
      connectPair(line, () => {
        // The server hears of the call one way later, the caller of the answer after the way back.
        deps.at(start + oneWay, `${name} accept`, () => serve(line, line.ends.server, callerOf(line.facts, false)));
        deps.at(start + 2 * oneWay, `${name} connected`, () => {
          calling -= 1;
          if (line.over) resolve({ ok: false, session, problem: 'refused' });
          else resolve({ ok: true, end: line.ends.client, session });
        });
      });
    });

  /** Let programs from outside in: a port that leads to port 25 of a host. The name server's is open from the start, to all networks' clients. */
  const publish = async (host: HostKey | 'dns', network: string, port: number): Promise<Published> => {
    if (host === 'dns') return { host, network: outsideNetwork(), port: outsideDns.port };
    // Asked here, as a caller could not be told any more.
    clientAddress(network);
    placeOf(host);
    return { host, network, port: await ports.open(port, host, (socket) => openOutside(socket, host, network)) };
  };

  /** The same port for both ways to ask: what is too long for a datagram is asked for again over TCP. */
  const openNameServer = async (wanted: number, orAny: boolean, triesLeft = NAME_SERVER_TRIES): Promise<void> => {
    try {
      await outsideDns.open(
        await ports.open(wanted, "the lab's name server", (socket) => openOutside(socket, 'dns', outsideNetwork())),
      );
    } catch (error) {
      ports.close();
      if (!orAny || triesLeft === 0) throw error;
      await openNameServer(0, orAny, triesLeft - 1);
    }
  };

  /** `socket` is null when a recorded call is played again. */
  const openOutside = (socket: Socket | null, host: HostKey | 'dns', network: string): void => {
    const source = clientIn(network);
    const [address, port] =
      host === 'dns' ? ([NAME_SERVER_ADDRESS, 53] as const) : ([placeOf(host).address, 25] as const);
    const admitted = admit(source, address, port, true);
    if (admitted.fate === 'refused') return socket === null ? undefined : reset(socket);
    const program =
      socket === null
        ? null
        : new SocketProgram(socket, {
            intake,
            wake: deps.wake,
            realNow: deps.realNow,
            realTimer: deps.realTimer,
            rough,
          });
    if (admitted.fate === 'silence') return program?.begin(null);
    const record = new RecordedProgram(deps.realNow);
    const line = new OutsideLine(owners.outside, factsOf(admitted, source, address, port), program ?? record);
    outside.set(admitted.session, line);
    if (program === null) recorded.set(admitted.session, record);
    else program.begin(line);
    serve(line, line.end, callerOf(line.facts, true));
  };

  const dnsOverTcp = async (host: HostKey, query: Buffer): Promise<Buffer | 'timeout' | 'refused'> => {
    const result = await dial({
      source: host,
      network: null,
      address: NAME_SERVER_ADDRESS,
      port: 53,
      timeoutMs: DNS_TIMEOUT_MS,
    });
    return result.ok ? askDns(result.end, query, DNS_TIMEOUT_MS) : result.problem;
  };

  const dnsOverUdp = (host: HostKey, query: Buffer): Promise<Buffer | 'timeout' | 'refused'> =>
    new Promise((resolve) => {
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
      try {
        await gate.open();
        await datagrams.open();
        await openNameServer(dnsPort, orAny || dnsPort === 0);
      } catch (error) {
        outsideDns.close();
        datagrams.close();
        await gate.close();
        throw error;
      }
    },
    dial,
    /** What a call of a host to port 25 there would meet now. Nothing is told, and no rule counts it. */
    wouldMeet: (host: HostKey, address: string) => meets(placeOf(host), address, 25),
    publish,
    get dnsPort(): number {
      return outsideDns.port;
    },
    exchange: (host: HostKey, query: Buffer, tcp: boolean) => (tcp ? dnsOverTcp(host, query) : dnsOverUdp(host, query)),
    /** A server tells how far a dialogue came; a fault may strike here. */
    reach(session: string, reached: Reached): Struck {
      const line = lineOf(session);
      return line === undefined || deps.state().faults.length === 0 ? null : faults.reach(line, reached);
    },
    /** Play an outside program's act again, as the journal has it. */
    replay(event: LabEvent, read: (ref: BodyRef) => Buffer): void {
      if (event.kind === 'client-data') outside.get(event.session)?.hear(read(event.body), event.passed ?? 0);
      else if (event.kind === 'client-end') {
        if (event.how === 'fin') outside.get(event.session)?.hearEnd();
        else if (event.how === 'silent') recorded.get(event.session)?.fallSilent();
        else outside.get(event.session)?.leave();
      } else if ('outside' in event && event.outside !== undefined) {
        openOutside(
          null,
          event.targetAddress === NAME_SERVER_ADDRESS ? 'dns' : (hostAt(event.targetAddress)?.key ?? 'dns'),
          event.outside,
        );
      }
    },
    /** The programs of recorded calls leave: nobody is there to speak for them any more. */
    leaveReplayed(): void {
      for (const line of [...outside.values()].sort((a, b) => a.order - b.order)) line.leave();
    },
    /** Reset what is open: of one host, as when it crashes, or all. */
    resetSessions(host: HostKey | null, cause: string): void {
      for (const line of linesInOrder()) {
        if (host === null || line.facts.source === host || line.facts.target === host) line.reset(cause);
      }
    },
    /** Is anything on its way between the lab's hosts, counting what travels through time? */
    busy: () => calling > 0 || datagrams.busy || [...inside.values()].some((line) => line.travelling),
    /** Programs from outside, for the clock. */
    outside: {
      open: () => outside.size > 0,
      /** One was answered within so many real ms, and may be about to say more. */
      active: (withinMs: number) => [...outside.values()].some((line) => line.expectsWord(withinMs)),
      waiting: intake.waiting,
      take: intake.take,
    },
    closeNameServer(): void {
      outsideDns.close();
      datagrams.closeServer();
    },
    async close(): Promise<void> {
      for (const line of linesInOrder()) if (!line.over) line.reset('the lab ends');
      ports.close();
      outsideDns.close();
      datagrams.close();
      await gate.close();
    },
  };
}

interface OwnerDeps {
  faults: ReturnType<typeof createFaults>;
  latency: ReturnType<typeof createPlaces>['latency'];
  forget(line: Line): void;
  rough(key: object, run: () => void): void;
}

/** What lines ask, and what they tell the journal. */
function createOwners(
  deps: NetworkDeps,
  { faults, latency, forget, rough }: OwnerDeps,
): { inside: InsideOwner; outside: OutsideOwner } {
  const owner: LineOwner = {
    now: deps.now,
    at: deps.at,
    wires: deps.wires,
    wake: deps.wake,
    swallows: faults.swallows,
    strikes: faults.strikes,
    lost: (line, from, bytes, cause) =>
      deps.tell({ kind: 'link-lost', session: line.facts.session, from, bytes, cause }),
    closed(line, by) {
      forget(line);
      deps.tell({ kind: 'link-close', session: line.facts.session, by, host: line.facts.target });
    },
    wasReset(line, cause) {
      forget(line);
      deps.tell({ kind: 'link-reset', session: line.facts.session, cause, host: line.facts.target });
    },
    rough,
  };
  const inside: InsideOwner = {
    ...owner,
    delayMs({ facts: { source, sourceNetwork, target, targetNetwork } }, bytes) {
      const rate = Math.min(
        ...[source, target].map((key) => (key === null ? null : deps.state().lines[key]?.bytesPerSecond) ?? Infinity),
      );
      const oneWay = latency({ host: source, network: sourceNetwork }, { host: target, network: targetNetwork });
      return oneWay + (rate === Infinity ? 0 : Math.ceil((bytes / rate) * 1000));
    },
  };
  const outside: OutsideOwner = {
    ...owner,
    heard(line, chunk, passed) {
      const { session } = line.facts;
      if (chunk === null) deps.tell({ kind: 'client-end', session, how: 'fin', turn: deps.turn() });
      else
        deps.tell({
          kind: 'client-data',
          session,
          body: deps.keep(chunk),
          ...(passed > 0 ? { passed } : {}),
          turn: deps.turn(),
        });
    },
    left: (line, how) => deps.tell({ kind: 'client-end', session: line.facts.session, how, turn: deps.turn() }),
  };
  return { inside, outside };
}
