import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkZone, parseZone } from '../../../src/engine/dns/index.ts';
import { dataText } from '../../../src/engine/dns/record.ts';

/** Records of a text as `name ttl TYPE data`, without a made-up SOA. */
function read(text: string, name = 'example.test'): string[] {
  const result = parseZone(text, name);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.zone.records
    .filter((r) => r.line > 0)
    .map((r) => `${r.name} ${r.ttl} ${r.rdata.type} ${dataText(r.rdata)}`);
}

const errorsOf = (text: string, name = 'example.test') =>
  checkZone(text, name).errors.map((e) => `${e.line}:${e.column} ${e.message}`);
const warningsOf = (text: string, name = 'example.test') =>
  checkZone(text, name).warnings.map((e) => `${e.line}:${e.column} ${e.message}`);

describe('master file syntax', () => {
  it('reads the zone of the labs', () => {
    expect(read('$TTL 1h\n@   MX 1 a\na   A    192.0.2.10\n', 'theorganisation.test')).toEqual([
      'theorganisation.test 3600 MX 1 a.theorganisation.test.',
      'a.theorganisation.test 3600 A 192.0.2.10',
    ]);
  });

  it('gives a line that begins with a blank the name above it', () => {
    expect(read('a A 192.0.2.1\n\n ; nothing\n\tAAAA 2001:DB8:0:0::1\n')).toEqual([
      'a.example.test 3600 A 192.0.2.1',
      'a.example.test 3600 AAAA 2001:db8::1',
    ]);
  });

  it('takes TTL and class in either order, in any case', () => {
    for (const head of ['IN 90', '90 IN', '1m30s in', '90', 'in 1M30S'])
      expect(read(`a ${head} a 192.0.2.1`)).toEqual(['a.example.test 90 A 192.0.2.1']);
  });

  it.each([
    ['2d', 172_800],
    ['1w', 604_800],
    ['30m', 1800],
    ['45s', 45],
    ['7', 7],
    ['1h30m', 5400],
    ['0', 0],
  ])('understands $TTL %s', (text, seconds) => {
    expect(read(`$TTL ${text}\na A 192.0.2.1`)).toEqual([`a.example.test ${seconds} A 192.0.2.1`]);
  });

  it('takes the TTL from $TTL, the record before, the SOA, or one hour', () => {
    expect(read('a 60 A 192.0.2.1\nb A 192.0.2.2')[1]).toBe('b.example.test 60 A 192.0.2.2');
    expect(read('$TTL 9\na 60 A 192.0.2.1\nb A 192.0.2.2')[1]).toBe('b.example.test 9 A 192.0.2.2');
    expect(read('a A 192.0.2.1\n@ SOA a root 1 2 3 4 77')).toContain('a.example.test 77 A 192.0.2.1');
    expect(read('a A 192.0.2.1')).toEqual(['a.example.test 3600 A 192.0.2.1']);
  });

  it('reads parentheses over lines, with comments', () => {
    const text = '@ IN SOA a hostmaster (\n  7 ; serial\n 1h 15m\n 1w ) 5m\n  MX ( 10\n a ) ; done\na A 192.0.2.1';
    expect(read(text)).toEqual([
      'example.test 300 SOA a.example.test. hostmaster.example.test. 7 3600 900 604800 300',
      'example.test 300 MX 10 a.example.test.',
      'a.example.test 300 A 192.0.2.1',
    ]);
  });

  it('reads TXT with several strings and escapes', () => {
    expect(read('@ TXT "one; (two)" "say \\"hi\\"" three \\195\\164 "\\\\" ""')).toEqual([
      'example.test 3600 TXT "one; (two)" "say \\"hi\\"" "three" "\\195\\164" "\\\\" ""',
    ]);
    expect(read('@ TXT "ä"')).toEqual(read('@ TXT "\\195\\164"'));
  });

  it('changes the origin, and knows names with and without a dot', () => {
    expect(read('$ORIGIN sub\n@ A 192.0.2.1\na A 192.0.2.2\n$ORIGIN example.test.\nB.Example.TEST. NS c\n')).toEqual([
      'sub.example.test 3600 A 192.0.2.1',
      'a.sub.example.test 3600 A 192.0.2.2',
      'b.example.test 3600 NS c.example.test.',
    ]);
  });

  it('reads MD and MF, reverse zones and the root', () => {
    expect(read('@ MD a\n@ MF b\na A 192.0.2.1\nb A 192.0.2.2').slice(0, 2)).toEqual([
      'example.test 3600 MD a.example.test.',
      'example.test 3600 MF b.example.test.',
    ]);
    expect(read('10 PTR a.example.test.', '2.0.192.in-addr.arpa.')).toEqual([
      '10.2.0.192.in-addr.arpa 3600 PTR a.example.test.',
    ]);
    expect(read('a.test A 192.0.2.1', '.')).toEqual(['a.test 3600 A 192.0.2.1']);
  });

  it('lets hosts be called like types', () => {
    expect(read('a 1h A 192.0.2.1\nmx IN 60 A 192.0.2.2\nNS A 192.0.2.3\ntxt TXT "x"')).toHaveLength(4);
    expect(errorsOf('a A')).toEqual(['1:3 A needs an address: write `A 192.0.2.10`']);
  });

  it('is content with no records at all', () => {
    expect(read('')).toEqual([]);
    expect(read('; only words')).toEqual([]);
  });
});

describe('errors say where and what to write', () => {
  it.each([
    ['@ MX a', '1:6 MX needs a preference number before the name: write `MX 10 a`'],
    ['@ MX two a', '1:6 MX needs a preference number before the name, not `two`: write `MX 10 a`'],
    ['@ MX a 20', '1:6 MX needs a preference number before the name, not `a`: write `MX 20 a`'],
    ['@ MX 10', '1:6 MX needs a name behind the preference: write `MX 10 a`'],
    ['@ MX', '1:3 MX needs a preference number and a name: write `MX 10 a`'],
    ['@ MX 70000 a', '1:6 the preference 70000 is out of range: write a number from 0 to 65535'],
    ['@ MX -1 a', '1:6 the preference -1 is out of range: write a number from 0 to 65535'],
    [
      '@ MX 10 [192.0.2.1]',
      '1:9 MX wants a name, not an address: give the host a name with an A record, and write `MX 10 a`',
    ],
    ['a A 192.0.2.300', '1:5 `192.0.2.300` is no IPv4 address: write one like `A 192.0.2.10`'],
    ['a A 2001:db8::1', '1:5 `2001:db8::1` is no IPv4 address: write `AAAA 2001:db8::1`'],
    ['a AAAA 192.0.2.1', '1:8 `192.0.2.1` is no IPv6 address: write `A 192.0.2.1`'],
    ['a A', '1:3 A needs an address: write `A 192.0.2.10`'],
    [
      'a A 192.0.2.1 # old',
      '1:15 `#` is too much: the A record ends before it. Write one record a line, and ; before a comment',
    ],
    [
      'a XYZ 1',
      '1:3 `XYZ` is not a record type: write one such as A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, or TYPE and its number (RFC 3597)',
    ],
    [
      'a TYPE255 \\# 0',
      '1:3 `TYPE255` is not a record type: write one such as A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, or TYPE and its number (RFC 3597)',
    ],
    ['a SRV 1 2 b', '1:11 `b` is not a number from 0 to 65535: write one like `SRV 0 5 587 a`'],
    ['a SRV 1 2', '1:3 SRV needs more data than this: write one like `SRV 0 5 587 a`'],
    ['a SRV 1 2 3 b c', '1:15 `c` is too much: the SRV record ends before it: write one like `SRV 0 5 587 a`'],
    [
      'a SSHFP 1 1 123',
      '1:13 `123` is not a row of hexadecimal digits, two for each byte: write one like `SSHFP 2 1 123456789abcdef67890123456789abcdef67890`',
    ],
    [
      'a HTTPS 1 .',
      '1:9 the data of HTTPS is written as bytes here (RFC 3597 §5): write `HTTPS \\# 4 0a000001`, the number of bytes and then each as two hexadecimal digits',
    ],
    [
      'a TYPE65280 \\# 4 0a00',
      '1:16 \\# 4 announces 4 bytes, but 2 follow: write two hexadecimal digits for each byte',
    ],
    [
      'a TYPE65280 \\# x',
      '1:16 \\# is followed by the number of bytes, then the bytes in hexadecimal digits: write `\\# 4 0a000001`',
    ],
    ['a A \\# 3 0a0000', '1:5 these bytes are no data of A: write the record as text'],
    [
      'a\\256 A 192.0.2.1',
      '1:1 `a\\256` has a \\ that escapes nothing: it stands before a character, or before three digits from 000 to 255',
    ],
    ['a', '1:1 the record has no type and no data: write it like `a A 192.0.2.10`'],
    [
      'MX 10 a',
      '1:1 a line starts with a name, and MX is a type: write `@ MX ...`, or a blank before it for the name above',
    ],
    [
      'A 192.0.2.1',
      '1:1 a line starts with a name, and A is a type: write `@ A ...`, or a blank before it for the name above',
    ],
    [
      ' A 192.0.2.1',
      '1:2 the line begins with a blank, and there is no name before it to go with: write @ or a name at its start',
    ],
    ['a.other.test. A 192.0.2.1', '1:1 a.other.test. is outside the zone example.test.: write it in a zone of its own'],
    ['a..b A 192.0.2.1', '1:1 `a..b` has two dots in a row, or one at its start: write one dot between the parts'],
    ['a$b A 192.0.2.1', '1:1 `a$b` is not part of a name: use letters, digits and hyphens'],
    ['"a" A 192.0.2.1', '1:1 a name stands here, not a text: write a without quotes'],
    ['a CH A 192.0.2.1', '1:3 the class CH is not served here: write IN, or nothing'],
    ['a 5x A 192.0.2.1', '1:3 `5x` is no time to live: write seconds, or like 1h, 2d, 1w, 30m, 45s'],
    ['$TTL soon', '1:6 `soon` is no time: write seconds, or like 1h, 2d, 1w, 30m, 45s'],
    ['$TTL', '1:1 $TTL needs a value: write `$TTL 1h`'],
    ['$INCLUDE x', "1:1 $INCLUDE is not known here: a lab's zone is one text: write the records here"],
    ['a TXT "open', '1:7 this " is never closed: write a " where the text ends, on the same line'],
    ['a A 192.0.2.1 )', '1:15 this ) closes nothing: take it away, or write a ( before it'],
    [
      '@ SOA a b 1 2 3',
      '1:3 SOA has seven values (server, person, serial, refresh, retry, expire, minimum), not 5: ' +
        'write `SOA a hostmaster 1 1h 15m 1w 5m`',
    ],
    ['@ SOA a me@b.test 1 2 3 4 5', "1:9 write the person's address with a dot for the @: `me.b.test`"],
    ['b SOA a c 1 2 3 4 5', "1:1 the SOA record belongs to the zone's own name, example.test.: write `@ SOA ...`"],
  ])('%s', (text, error) => {
    expect(errorsOf(text)).toEqual([error]);
  });

  it('tells all errors of a text at once, in order', () => {
    const found = checkZone('@ MX a\n  MX 10 b extra\nb A 1.2.3\nc FOO\n$NOPE\nd A 192.0.2.1', 'example.test').errors;
    expect(found.map((error) => [error.line, error.column])).toEqual([
      [1, 6],
      [2, 11],
      [3, 5],
      [4, 3],
      [5, 1],
    ]);
  });

  it('reads on after a parenthesis that is never closed', () => {
    expect(errorsOf('@ MX ( 10 a\na A 192.0.2.1\nb A nonsense')).toEqual([
      '1:6 this ( is never closed: write a ) where the record ends',
      '3:5 `nonsense` is no IPv4 address: write one like `A 192.0.2.10`',
    ]);
  });

  it('tells a wrong name once, not for each line below it', () => {
    expect(errorsOf('a..b A 192.0.2.1\n A 192.0.2.2\n A 192.0.2.3')).toHaveLength(1);
  });

  it('refuses so many records of one type at a name that no answer could hold them', () => {
    const zoneOf = (count: number) =>
      parseZone(Array.from({ length: count }, (_, i) => `* MX 1 h${i}`).join('\n'), 'z.test');
    expect(zoneOf(1_000).ok).toBe(true);
    const refused = zoneOf(60_000);
    expect(refused.ok ? [] : refused.errors).toEqual([
      expect.objectContaining({
        line: 1_001,
        message:
          '*.z.test. has more than 1000 MX records: an answer with all of them would be too large. Leave some out',
      }),
    ]);
  });

  it("refuses a CNAME beside other data, at the zone's own name, or twice", () => {
    expect(errorsOf('w CNAME a\nw A 192.0.2.1\na A 192.0.2.2')).toEqual([
      '1:1 w.example.test. has a CNAME beside A (line 2): an alias has no other data. Take one of them away',
    ]);
    expect(errorsOf('@ CNAME a.other.test.')[0]).toContain('which always has an SOA record');
    expect(errorsOf('w CNAME a\nw CNAME b\na A 192.0.2.1\nb A 192.0.2.1')).toEqual([
      '2:1 w.example.test. has a second CNAME: an alias stands for one name. Keep one of them',
    ]);
  });

  it('refuses a second SOA and a bad zone name', () => {
    expect(errorsOf('@ SOA a b 1 2 3 4 5\n@ SOA a b 2 2 3 4 5')).toEqual([
      '2:1 a zone has one SOA record: take this one away',
    ]);
    expect(errorsOf('', 'bad name')[0]).toContain("the zone's own name can't be used");
  });
});

describe('warnings', () => {
  it.each([
    ['@ MX 10 192.0.2.1', '1:9 MX wants a name, and 192.0.2.1 is read as `192.0.2.1.example.test.`'],
    ['@ MX 10 192.0.2.1.', '1:9 MX wants a name, and 192.0.2.1. is read as `192.0.2.1.`'],
    ['@ MX 10 gone', '1:9 MX points to gone.example.test., which has no address in this zone'],
    [
      '@ MX 10 w\nw CNAME a\na A 192.0.2.1',
      '1:9 MX points to w.example.test., which is an alias (RFC 2181 §10.3 forbids it)',
    ],
    [
      '@ MX 10 a.example.test\na A 192.0.2.1',
      '1:9 without a dot at its end this means `a.example.test.example.test.`: write `a.example.test.`',
    ],
    ['@ MX 0 .\n@ MX 10 a\na A 192.0.2.1', '1:8 `MX 0 .` says that the domain takes no mail, beside another MX'],
    ['@ MX 5 .', '1:8 a domain that takes no mail says so with preference 0: write `MX 0 .`'],
    ['a A 192.0.2.1\na A 192.0.2.1', '2:1 the same record stands in line 1: it counts once'],
    ['a 5 A 192.0.2.1\na 6 A 192.0.2.2', '2:1 the A records of a.example.test. have different TTLs (line 1)'],
  ])('%s', (text, warning) => {
    const found = warningsOf(text);
    expect(errorsOf(text)).toEqual([]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(warning);
  });

  it('says nothing of a good zone, a null MX, or a target elsewhere', () => {
    expect(warningsOf('@ MX 0 .')).toEqual([]);
    expect(warningsOf('@ MX 1 a\n@ MX 2 mx.elsewhere.test.\na A 192.0.2.1')).toEqual([]);
  });

  it('serves doubles once, and the lowest TTL of a set', () => {
    expect(read('a 6 A 192.0.2.1\na 5 A 192.0.2.2\na 6 A 192.0.2.1')).toEqual([
      'a.example.test 5 A 192.0.2.1',
      'a.example.test 5 A 192.0.2.2',
    ]);
  });
});

describe('any text', () => {
  const word = fc.constantFrom(
    '@',
    'a',
    'b.',
    'MX',
    'A',
    'TXT',
    'SOA',
    'CNAME',
    'IN',
    '1h',
    '10',
    '192.0.2.1',
    '::1',
    '(',
    ')',
    '"',
    '\\',
    ';',
    '$TTL',
    '$ORIGIN',
    '.',
    '*',
    '\n',
    '\r\n',
    ' ',
    '\t',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
    fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
  );

  it('never throws, and each issue stands in a line that exists', () => {
    fc.assert(
      fc.property(text, (zoneText) => {
        const lines = zoneText.split(/\r\n|\n|\r/);
        const { errors, warnings } = checkZone(zoneText, 'example.test');
        for (const issue of [...errors, ...warnings]) {
          expect(issue.line).toBeGreaterThanOrEqual(1);
          expect(issue.line).toBeLessThanOrEqual(lines.length);
          expect(issue.column).toBeGreaterThanOrEqual(1);
          expect(issue.column).toBeLessThanOrEqual((lines[issue.line - 1] ?? '').length + 1);
          expect(issue.message).not.toBe('');
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('written out and read again, records are the same', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,10}$/);
    const record = fc.oneof(
      fc.tuple(label, fc.ipV4()).map(([name, address]) => `${name}.example.test. A ${address}`),
      fc.tuple(label, fc.ipV6()).map(([name, address]) => `${name}.example.test. AAAA ${address}`),
      fc
        .tuple(label, fc.integer({ min: 0, max: 65_535 }), label)
        .map(([name, preference, target]) => `${name}.example.test. MX ${preference} ${target}`),
      fc
        .tuple(label, fc.uint8Array({ maxLength: 60 }))
        .map(
          ([name, bytes]) =>
            `${name}.example.test. TXT "${[...bytes].map((b) => `\\${String(b).padStart(3, '0')}`).join('')}"`,
        ),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        const once = read(records.join('\n'));
        expect(read(once.map((line) => line.replace(' ', '. ')).join('\n'))).toEqual(once);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

/** Zone texts that anybody may write, of so many lines. */
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
const LONG: Record<string, (count: number) => string> = {
  DNAMEs: (n) => lines(n, (i) => `d${i} DNAME x.test.`),
  'names below a DNAME': (n) => `d DNAME x.test.\n${lines(n, (i) => `a${i}.d A 192.0.2.1`)}`,
  'types that nothing asks for': (n) => lines(n, (i) => `a TYPE${300 + i} \\# 1 00`),
  'null MX': (n) => lines(n, (i) => `@ MX ${i} .`),
  'MX that point to one host': (n) => lines(n, (i) => `@ MX ${i} m`) + lines(n, (i) => `m TXT "${i}"`),
  'MX that point to an alias': (n) => lines(n, (i) => `@ MX ${i} m`) + lines(n, (i) => `m TXT "${i}"`) + 'm CNAME a',
  'aliases of one name': (n) => lines(n, (i) => `a CNAME b${i}`),
  'SOA records': (n) => '@ SOA a b 1 1 1 1 1\n'.repeat(n),
  'the same record': (n) => 'a A 192.0.2.1\n'.repeat(n),
};

describe('a long zone', () => {
  it.each(Object.entries(LONG))(
    'of %s takes no more than ten times as long when it is ten times as long',
    { timeout: 60_000 },
    (_what, make) => {
      const time = (count: number): number => {
        const text = make(count);
        const begun = performance.now();
        checkZone(text, 'example.test');
        return performance.now() - begun;
      };
      time(1_000);
      const [short, long] = [Math.min(time(3_000), time(3_000)), Math.min(time(30_000), time(30_000))];
      expect(long, `${short.toFixed(1)} ms, then ${long.toFixed(1)} ms`).toBeLessThan(30 * Math.max(short, 10)); // room for a busy machine; squares are a hundred times as long
    },
  );

  it('says which DNAME takes the place of a name: the highest above it', () => {
    expect(warningsOf('b.a DNAME x.test.\na DNAME y.test.\nc.b.a A 192.0.2.1\nab A 192.0.2.1\n')).toEqual([
      expect.stringMatching(/^1:1 b\.a\.example\.test\. lies below a\.example\.test\., whose DNAME/) as string,
      expect.stringMatching(/^3:1 c\.b\.a\.example\.test\. lies below a\.example\.test\., whose DNAME/) as string,
    ]);
  });
});
