/** Types that nothing here acts on, names with escapes, and DNAME: read as BIND reads them, served so that dig shows them. */
import { execFile, execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { answerQuery, parseZone } from '../../../src/engine/dns/index.ts';
import {
  asNormal,
  decodeName,
  encodeName,
  isWithin,
  labelsOf,
  nameOfLabels,
  parentName,
} from '../../../src/engine/dns/names.ts';
import { encodedRdata } from '../../../src/engine/dns/record.ts';
import { codeOfType, otherTypes } from '../../../src/engine/dns/record-types.ts';
import { needs, programPath } from '../../programs.ts';
import { askServer, readBytes, zonesOf } from './fixtures.ts';

const ZONE = 'example.test';
/** A record of every type that has a form of its own, some more than one; and some as bytes. */
const RECORDS = [
  ...Object.entries(otherTypes).flatMap(([name, { fields, example }]) =>
    fields === null ? [] : [`${name.toLowerCase()} ${name} ${example}`],
  ),
  'srv2 SRV 10 60 5060 a\\.b.example.test.',
  'caa2 CAA 128 iodef "mailto:a@example.test"',
  'caa3 CAA 0 issue ";"',
  'caa4 TYPE257 0 issuewild example.test',
  'hinfo2 HINFO "a b" c',
  'hinfo3 HINFO "\\200\\"" ""',
  'spf2 SPF "v=spf1 " "-all"',
  'isdn2 ISDN "123"',
  'loc2 LOC 42 21 54 N 71 06 18 W -24m 30m',
  'loc3 LOC 52 N 105 E 10.5m 1m 200m 2m',
  'loc4 LOC 90 S 180 W -100000.00m',
  'ds2 DS 1 RSASHA256 200 ( 0123 4567',
  '  89ab )',
  'cert2 CERT 254 0 0 aGVsbG8=',
  'uri2 URI 1 2 "ftp://ftp.example.test/a b"',
  't1 TYPE65280 \\# 4 0a000001',
  't2 TYPE65281 \\# 0',
  't3 TYPE33 \\# 8 0000 0000 0019 01 00'.replace('# 8 0000 0000 0019 01 00', '# 9 000000000019016100'),
  't4 A \\# 4 c0000201',
  't5 TYPE15 \\# 5 000a 01 6100',
  't6 TYPE28 2001:db8::1',
  't7 TXT \\# 3 026869',
  'https HTTPS \\# 3 000100',
  'a\\.b A 192.0.2.7',
  'sp\\032ace A 192.0.2.8',
  'x\\(y A 192.0.2.9',
  'mail MX 10 a\\.b',
  'ns2 NS x\\046y.example.test.',
  'by\\255te TXT "x"',
];
/** With the SOA of RFC 1035 §5.3, whose person has a dot in the name. */
const TEXT = `$TTL 1h\n@ SOA venera Action\\.domains 20 7200 600 3600000 60\n@ NS venera\nvenera A 192.0.2.1\na A 192.0.2.2\n${RECORDS.join('\n')}\n`;

const cleanUp: (() => void)[] = [];
afterEach(() => cleanUp.splice(0).forEach((run) => run()));

interface Bare {
  owner: string;
  type: number;
  ttl: number;
  data: string;
}
const inOrder = (records: Bare[]): Bare[] => records.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** What BIND makes of a zone: its raw format has every record as bytes. */
function byBind(text: string): Bare[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-zone-'));
  cleanUp.push(() => fs.rmSync(folder, { recursive: true }));
  const [from, to] = [path.join(folder, 'zone'), path.join(folder, 'raw')];
  fs.writeFileSync(from, text);
  execFileSync(programPath('named-compilezone'), [
    '-F',
    'raw',
    '-i',
    'none',
    '-k',
    'ignore',
    '-m',
    'ignore',
    '-n',
    'ignore',
    '-r',
    'ignore',
    '-M',
    'ignore',
    '-S',
    'ignore',
    '-T',
    'ignore',
    '-o',
    to,
    ZONE,
    from,
  ]);
  const bytes = fs.readFileSync(to);
  const records: Bare[] = [];
  for (let at = 24; at < bytes.length;) {
    const set = bytes.subarray(at, at + bytes.readUInt32BE(at));
    at += set.length;
    const [type, ttl, count, ownerBytes] = [
      set.readUInt16BE(6),
      set.readUInt32BE(10),
      set.readUInt32BE(14),
      set.readUInt16BE(18),
    ];
    let place = 20 + ownerBytes;
    for (let index = 0; index < count; index += 1) {
      const size = set.readUInt16BE(place);
      records.push({
        owner: set.toString('hex', 20, 20 + ownerBytes),
        type,
        ttl,
        data: set.toString('hex', place + 2, place + 2 + size),
      });
      place += 2 + size;
    }
  }
  return inOrder(records);
}

function byLab(text: string): Bare[] {
  const parsed = parseZone(text, ZONE);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return inOrder(
    parsed.zone.records.map(({ name, ttl, rdata }) => ({
      owner: encodeName(name).toString('hex'),
      type: codeOfType(rdata.type),
      ttl,
      data: encodedRdata(rdata).toString('hex'),
    })),
  );
}

describe('types that nothing acts on', () => {
  it('come to the same bytes as in BIND', ({ skip }) => {
    needs('named-compilezone', skip);
    // In the lab a name has one form; of others BIND keeps the case.
    const text = TEXT.replace('Action', 'action').replaceAll('_SIP', '_sip');
    expect(byLab(text)).toEqual(byBind(text));
  });

  it('are noted as without effect, once each, and refused by nobody', () => {
    const parsed = parseZone('@ SRV 0 0 25 a\nb SRV 0 0 25 a\nc TYPE65280 \\# 0\nd DNAME e\na A 192.0.2.1\n', ZONE);
    expect(parsed).toMatchObject({ ok: true });
    expect(parsed.warnings.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      '1:3 SRV records are served but have no effect here: no host in a lab asks for them',
      '3:3 TYPE65280 records are served but have no effect here: no host in a lab asks for them',
    ]);
  });

  it('are said back by dig as they were written', async ({ skip }) => {
    needs('dig', skip);
    const zones = zonesOf({ [ZONE]: TEXT });
    const server = dgram.createSocket('udp4');
    cleanUp.push(() => server.close());
    server.on('message', (query, from) => {
      const { reply } = answerQuery({ query, tcp: false, zones, faults: [] });
      if (reply !== null) server.send(reply, from.port, from.address);
    });
    await new Promise<void>((ready) => server.bind(0, '127.0.0.1', ready));
    const dig = async (...asked: string[]): Promise<string> =>
      (
        await promisify(execFile)('dig', [
          '@127.0.0.1',
          '-p',
          String(server.address().port),
          '+short',
          '+notcp',
          '+bufsize=1232',
          ...asked,
        ])
      ).stdout.trim();
    expect(await dig('srv.example.test', 'SRV')).toBe('0 5 587 a.example.test.');
    expect(await dig('caa.example.test', 'CAA')).toBe('0 issue "elsewhere.test"');
    expect(await dig('hinfo.example.test', 'HINFO')).toBe('"PC" "Linux"');
    expect(await dig('spf2.example.test', 'SPF')).toBe('"v=spf1 " "-all"');
    expect(await dig('loc.example.test', 'LOC')).toBe('51 30 12.748 N 0 7 39.611 W 0.00m 1m 10000m 10m');
    expect(await dig('t1.example.test', 'TYPE65280')).toBe('\\# 4 0A000001');
    expect(await dig('naptr.example.test', 'NAPTR')).toBe('100 10 "S" "SIP+D2U" "" _sip._udp.example.test.');
    expect(await dig('example.test', 'SOA')).toBe(
      'venera.example.test. action\\.domains.example.test. 20 7200 600 3600000 60',
    );
    expect(await dig('a\\.b.example.test', 'A')).toBe('192.0.2.7');
    expect(await dig('sp\\032ace.example.test', 'A')).toBe('192.0.2.8');
    expect(await dig('mail.example.test', 'MX')).toBe('10 a\\.b.example.test.');
    expect(await dig('a.b.example.test', 'A')).toBe('');
    expect(await dig('under.dname.example.test', 'A')).toBe('elsewhere.test.\nunder.elsewhere.test.');
  });
});

describe('a DNAME', () => {
  const zones = zonesOf({
    [ZONE]:
      'old DNAME new\nold A 192.0.2.1\n*.new MX 10 mx\nmx.new A 192.0.2.2\nout DNAME elsewhere.test.\nloop DNAME loop\n',
    'elsewhere.test': 'a A 192.0.2.3\n',
  });
  it('takes the place of all that is below it, with a CNAME made for the name asked for', () => {
    expect(askServer(zones, 'a.b.old.example.test', 'MX')).toMatchObject({
      rcode: 'NOERROR',
      answers: [
        expect.stringMatching(/^old\.example\.test\. 3600 DNAME/) as string,
        'a.b.old.example.test. 3600 CNAME a.b.new.example.test.',
        'a.b.new.example.test. 3600 MX 10 mx.example.test.',
      ],
    });
    expect(askServer(zones, 'a.out.example.test', 'A').answers.slice(1)).toEqual([
      'a.out.example.test. 3600 CNAME a.elsewhere.test.',
      'a.elsewhere.test. 3600 A 192.0.2.3',
    ]);
  });
  it('says nothing of the name itself', () => {
    expect(askServer(zones, 'old.example.test', 'A').answers).toEqual(['old.example.test. 3600 A 192.0.2.1']);
  });
  it('ends where it leads nowhere, or in a circle', () => {
    expect(askServer(zones, 'b.out.example.test', 'A').rcode).toBe('NXDOMAIN');
    expect(askServer(zones, 'a.loop.example.test', 'A').rcode).toBe('SERVFAIL');
    const long = Array.from({ length: 3 }, () => 'x'.repeat(63)).join('.');
    expect(askServer(zonesOf({ [ZONE]: `s DNAME ${'y'.repeat(63)}\n` }), `${long}.s.example.test`, 'A').rcode).toBe(
      'SERVFAIL',
    );
  });
});

describe('names with escapes', () => {
  const label = fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((bytes) => Buffer.from(bytes).map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte)));
  const labels = fc.array(
    label.map((bytes) => Buffer.from(bytes)),
    { maxLength: 6 },
  );

  it('have one form, and are on the wire what they were', () => {
    fc.assert(
      fc.property(labels, (given) => {
        const name = nameOfLabels(given);
        expect(labelsOf(name)?.map((one) => one.toString('hex'))).toEqual(given.map((one) => one.toString('hex')));
        expect(asNormal(name)).toBe(name);
        expect(decodeName(encodeName(name), 0)).toEqual({ name, end: encodeName(name).length });
      }),
    );
  });

  it('lie below another by their labels, not by their letters', () => {
    fc.assert(
      fc.property(labels, labels, (above, below) => {
        const [domain, name] = [nameOfLabels(above), nameOfLabels([...below, ...above])];
        expect(isWithin(name, domain)).toBe(true);
        if (name !== '') expect(parentName(name)).toBe(nameOfLabels([...below, ...above].slice(1)));
      }),
    );
    expect(isWithin('a\\.test', 'test')).toBe(false);
    expect(isWithin('a\\\\.test', 'test')).toBe(true);
    expect(askServer(zonesOf({ test: 'a\\.b A 192.0.2.1\n' }), 'b.test', 'A').rcode).toBe('NXDOMAIN');
  });

  it('are read from any bytes without a throw', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(300),
        (bytes, at) => void decodeName(Buffer.from(bytes), at),
      ),
    );
  });

  it('are said back byte for byte in a reply, whatever they are', () => {
    const zones = zonesOf({ [ZONE]: 'a A 192.0.2.1\n' });
    fc.assert(
      fc.property(labels, (given) => {
        const question = Buffer.concat([
          ...given.flatMap((one) => [Buffer.from([one.length]), one]),
          Buffer.from([0, 0, 1, 0, 1]),
        ]);
        const { reply } = answerQuery({
          query: Buffer.concat([Buffer.from('123401000001000000000000', 'hex'), question]),
          tcp: false,
          zones,
          faults: [],
        });
        expect(reply!.subarray(12, 12 + question.length)).toEqual(question);
        expect(readBytes(reply!).rcode).toBe(given.length === 0 ? 'NOERROR' : 'NXDOMAIN');
      }),
    );
  });
});
