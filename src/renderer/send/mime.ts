/** A message with files, as a mail program writes it (RFC 5322, 2045 to 2047). Pure. */
import { GTUBE } from '../../contract/gtube.ts';
import type { Instant } from '../../contract/model.ts';

export interface AttachedFile {
  name: string;
  type: string;
  base64: string;
  sizeBytes: number;
}

export interface Letter {
  from: string;
  to: string[];
  subject: string;
  body: string;
  spam: boolean;
  files: readonly AttachedFile[];
  at: Instant;
}

const BOUNDARY = 'part-of-a-letter-from-the-lab';
const LINE_LENGTH = 76;
/** Bytes of one encoded word: with its frame it stays under 75 signs (RFC 2047 §2). */
const WORD_BYTES = 42;

/** The whole message, base64. */
export function letterWithFiles({ from, to, subject, body, spam, files, at }: Letter): string {
  const text = `${body}${spam ? `\n${GTUBE}\n` : ''}`.replace(/\r?\n/g, '\r\n');
  const head = [
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
    `From: <${from}>`,
    `To: ${to.map((one) => `<${one}>`).join(',\r\n ')}`,
    `Subject: ${encoded(subject)}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
  ];
  const parts = [
    part(
      [
        'Content-Type: text/plain; charset=utf-8',
        `Content-Transfer-Encoding: ${/^[\x20-\x7e\r\n\t]*$/.test(text) ? '7bit' : '8bit'}`,
      ],
      text,
    ),
    ...files.map(({ name, type, base64: bytes }) =>
      part(
        [
          `Content-Type: ${/^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream'}`,
          `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}`,
          'Content-Transfer-Encoding: base64',
        ],
        folded(bytes),
      ),
    ),
  ];
  return base64(new TextEncoder().encode(`${head.join('\r\n')}\r\n\r\n${parts.join('')}--${BOUNDARY}--\r\n`));
}

const part = (head: string[], body: string): string => `--${BOUNDARY}\r\n${head.join('\r\n')}\r\n\r\n${body}\r\n`;
const folded = (text: string): string => (text.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []).join('\r\n');

function encoded(subject: string): string {
  if (/^[\x20-\x7e]*$/.test(subject)) return subject;
  const words: number[][] = [[]];
  for (const sign of subject) {
    const bytes = [...new TextEncoder().encode(sign)];
    // A sign is never parted between two words (RFC 2047 §5).
    if (words.at(-1)!.length + bytes.length > WORD_BYTES) words.push([]);
    words.at(-1)!.push(...bytes);
  }
  return words.map((bytes) => `=?utf-8?B?${base64(Uint8Array.from(bytes))}?=`).join('\r\n ');
}

export function base64(bytes: Uint8Array): string {
  let signs = '';
  for (let at = 0; at < bytes.length; at += 8_192) signs += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(signs);
}
