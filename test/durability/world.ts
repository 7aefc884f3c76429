/** The world that these tests stop in the midst of its work: C hands on to B, B through the firewall to A. */
export const RELAY_WORLD = `title: Relay at full speed
shows: What was accepted is kept.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks:
  office: { block: 192.0.2.0/24, latency: 0s }
  internet: { block: 203.0.113.0/24, latency: 0s }
internet-latency: 0s
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: alice }
  b: { name: b.theorganisation.test, address: 203.0.113.20, relay: theorganisation.test }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: carol }
zones:
  theorganisation.test: |
    $TTL 1h
    @   MX 1 a
    @   MX 2 b
    a   A    192.0.2.10
    b   A    203.0.113.20
  elsewhere.test: |
    $TTL 1h
    @   MX 1 c
    c   A    203.0.113.30
firewall: |
  allow b -> a port 25
  reject internet -> office port 25
  default allow
`;

export const RELAY_SCENARIO = { text: RELAY_WORLD, file: 'relay-at-full-speed.yaml' };
