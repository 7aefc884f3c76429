/** A small world for the tests of this room: zones from text, and questions asked in bytes. */
import dnsPacket from 'dns-packet';
import type { DecodedPacket, Opt } from 'dns-packet';
import type { DnsFault } from '../../../src/contract/model.ts';
import { answerQuery, parseZone } from '../../../src/engine/dns/index.ts';
import type { Zone } from '../../../src/engine/dns/index.ts';
import { fromWire, wireType } from '../../../src/engine/dns/record.ts';

export function zonesOf(texts: Record<string, string>): Zone[] {
  return Object.entries(texts).map(([name, text]) => {
    const result = parseZone(text, name);
    if (!result.ok) throw new Error(`${name}: ${JSON.stringify(result.errors)}`);
    return result.zone;
  });
}

export function queryFor(
  name: string,
  type: string,
  more: { id?: number; flags?: number; class?: string; opt?: Partial<Opt> } = {},
): Buffer {
  const opt: Opt = {
    name: '.',
    type: 'OPT',
    udpPayloadSize: 1232,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    options: [],
    ...more.opt,
  };
  return dnsPacket.encode({
    type: 'query',
    id: more.id ?? 4711,
    flags: more.flags ?? 0x0100,
    questions: [{ name, type: wireType(type), class: more.class ?? 'IN' }],
    additionals: more.opt ? [opt] : [],
  });
}

export interface Answered {
  packet: DecodedPacket;
  bytes: Buffer;
  rcode: string;
  answers: string[];
  authorities: string[];
  additionals: string[];
  delayMs: number;
}

/** Asks the server; records come back as text. Throws when it keeps silent. */
export function askServer(
  zones: Zone[],
  name: string,
  type: string,
  more: Parameters<typeof queryFor>[2] & { tcp?: boolean; faults?: DnsFault[] } = {},
): Answered {
  const { reply, delayMs } = answerQuery({
    query: queryFor(name, type, more),
    tcp: more.tcp ?? false,
    zones,
    faults: more.faults ?? [],
  });
  if (!reply) throw new Error('no reply');
  return { ...readBytes(reply), delayMs };
}

export function readBytes(bytes: Buffer): Omit<Answered, 'delayMs'> {
  const packet = dnsPacket.decode(bytes);
  const lines = (records: DecodedPacket['additionals']) =>
    records
      .filter((r) => r.type !== 'OPT')
      .map((r) => {
        const text = fromWire(r as Parameters<typeof fromWire>[0]);
        return `${text.name} ${text.ttl} ${text.type} ${text.data}`;
      });
  return {
    packet,
    bytes,
    rcode: packet.rcode,
    answers: lines(packet.answers),
    authorities: lines(packet.authorities),
    additionals: lines(packet.additionals),
  };
}

export const labZones = {
  'theorganisation.test':
    '$TTL 1h\n@ MX 1 a\n@ MX 2 b\n@ A 192.0.2.10\n@ TXT "v=spf1 -all" "x"\na A 192.0.2.10\nb 60 A 198.51.100.20\nb 60 AAAA 2001:db8::20\n' +
    'w CNAME a\nout CNAME mx.elsewhere.test.\nlost CNAME mx.nowhere.test.\nl1 CNAME l2\nl2 CNAME l1\n' +
    'deep.down A 192.0.2.33\n*.wild A 192.0.2.44\nx.wild TXT "here"\n',
  'elsewhere.test': '@ SOA ns boss 9 1h 15m 1w 2m\n@ MX 10 mx\nmx A 203.0.113.30\nmd MD mx\nmf MF mx\n',
  'sub.theorganisation.test': 'a A 192.0.2.77\n',
};
