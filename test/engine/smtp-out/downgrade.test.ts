/** What becomes of 8-bit mail for a server of 7 bits. The pairs were seen at a Postfix 3.7 with `smtp-sink`'s like behind it. */
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { downgrade } from '../../../src/engine/smtp-out/downgrade.ts';

const crlf = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));
const after = (text: string): string => downgrade(crlf(text)).toString().replaceAll('\r\n', '\n');

test.each([
  [
    'text that says 8bit',
    'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße = x\ntrail \n.dot\n',
    'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe =3D x\ntrail=20\n.dot\n',
  ],
  [
    '8bit is said, and only ASCII there',
    'Content-Transfer-Encoding: 8bit\n\nascii = only\n',
    'Content-Transfer-Encoding: quoted-printable\n\nascii =3D only\n',
  ],
  [
    'binary',
    'content-transfer-encoding : BINARY (odd)\n\nbinü\n',
    'Content-Transfer-Encoding: quoted-printable\n\nbin=C3=BC\n',
  ],
  [
    'nothing is said',
    'Content-Type: text/plain; charset=utf-8\n\nGrüße\n',
    'Content-Type: text/plain; charset=utf-8\n\nGrüße\n',
  ],
  ['a header of 8 bits', 'X-Odd: ü\n\nascii\n', 'X-Odd: ü\n\nascii\n'],
  ['no header', '\nGrüße\n', '\nGrüße\n'],
  ['no body', 'Content-Transfer-Encoding: 8bit\n', 'Content-Transfer-Encoding: quoted-printable\n'],
  [
    'a multipart, a forwarded message in it',
    [
      'Content-Type: multipart/mixed;\n boundary="b b"\nContent-Transfer-Encoding: 8bit\n\npreamble ü\n--b b\nContent-Type: text/plain\n\nascii\n',
      '--b b\nContent-Transfer-Encoding: 8bit\n\nGrüße\n--b b\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Transfer-Encoding: 8bit\n\nInnerü\n',
      '--b b\n\nundeclared ü\n--b b--\nepilogue ü\n',
    ].join(''),
    [
      'Content-Type: multipart/mixed;\n boundary="b b"\nContent-Transfer-Encoding: 7bit\n\npreamble ü\n--b b\nContent-Type: text/plain\n\nascii\n',
      '--b b\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe\n--b b\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Transfer-Encoding: quoted-printable\n\nInner=C3=BC\n',
      '--b b\n\nundeclared ü\n--b b--\nepilogue ü\n',
    ].join(''),
  ],
  [
    'a multipart in a multipart that is never closed',
    'Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\nContent-Transfer-Encoding: 8bit\n\nü\n--o\nContent-Transfer-Encoding: 8bit\n\nö\n--i\nü\n--o--\n',
    'Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC\n--o\nContent-Transfer-Encoding: quoted-printable\n\n=C3=B6\n--i\n=C3=BC\n--o--\n',
  ],
])('%s', (_what, before, then) => expect(after(before)).toBe(then));

test('a reader sees the same body before and after, whatever its lines are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replace(/[\r\n\0]/g, ''))),
      async (lines) => {
        const message = crlf(
          `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${lines.join('\n')}\n`,
        );
        const [before, then] = await Promise.all([PostalMime.parse(message), PostalMime.parse(downgrade(message))]);
        expect(then.text).toBe(before.text);
      },
    ),
    { numRuns: 300 },
  );
});

test('no input makes it fail, and only declared parts change', () => {
  const piece = fc.constantFrom(
    '\r\n',
    '--b',
    '--',
    '--b--',
    'Content-Type: multipart/x; boundary=b',
    'Content-Type: message/rfc822',
    'Content-Transfer-Encoding: 7bit',
    ' ',
    ':',
    'ü',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const message = Buffer.from(pieces.join(''));
      expect(downgrade(message).equals(message)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
