/**
 * The network room: who may talk to whom, and how badly.
 *
 * The only room that opens and listens on sockets, and only on loopback, whatever it is asked. Hosts have
 * simulated addresses in named networks; every connection between them is a real loopback TCP connection whose
 * bytes pass this gate, where firewall, lines and faults apply, also to connections already open. Programs
 * from outside come in by published ports, as clients of a chosen network. Simulated addresses travel
 * with the connection, so that each server sees, logs and judges the simulated peer.
 *
 * It never reads what is said (but for the points at which a fault was asked to strike), it never decides
 * about mail, and it passes nothing from host to host but over sockets.
 *
 * TCP's own ills are told as a sender sees them: refused, silence until the time-out, reset, closed.
 */
export { applyNetwork, emptyNetwork, healthyLine } from './apply.ts';
export {
  createNetwork,
  type Network,
  type NetworkDeps,
  type DialRequest,
  type DialResult,
  type Caller,
  type Published,
} from './network.ts';
export { createWires, type Wires } from './wires.ts';
export type { End, PassRequest } from './end.ts';
export type { Asker, NameServerAnswer } from './datagrams.ts';
