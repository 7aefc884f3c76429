/** The part of dns-packet 5 that this room uses; the library brings no types of its own. */
declare module 'dns-packet' {
  export interface Question {
    name: string;
    type: string;
    class?: string;
  }

  /** `data` has a shape for each type; types the library doesn't know are Buffers and named `UNKNOWN_3`. */
  export interface Answer {
    name: string;
    type: string;
    class?: string;
    ttl?: number;
    data: unknown;
  }

  export interface Opt {
    name: '.';
    type: 'OPT';
    udpPayloadSize: number;
    extendedRcode: number;
    ednsVersion: number;
    flags: number;
    options: { code: number; data: Buffer }[];
  }

  export interface Packet {
    type: 'query' | 'response';
    id: number;
    /** The header's second word without QR: opcode, AA, TC, RD, RA, AD, CD and RCODE. */
    flags: number;
    questions?: Question[];
    answers?: Answer[];
    authorities?: Answer[];
    additionals?: (Answer | Opt)[];
  }

  export type DecodedPacket = Required<Packet> & { rcode: string; flag_tc: boolean };

  const dnsPacket: {
    encode(packet: Packet): Buffer;
    /** Throws an Error for anything that is no DNS message. */
    decode(bytes: Buffer): DecodedPacket;
    name: { encode(name: string): Buffer; decode(bytes: Buffer): string };
  };
  export default dnsPacket;
}
