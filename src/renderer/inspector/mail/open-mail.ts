/** A message's bytes, opened: its headers, its texts, its parts, and what it reports if it is a report. */
import PostalMime, { type Attachment } from 'postal-mime';
import { parseDsn, type Dsn } from './dsn.ts';

export interface MailPart {
  type: string;
  name: string;
  note: string;
  bytes: Uint8Array;
}

export interface OpenMail {
  /** One sign for each byte. */
  raw: string;
  headers: { name: string; value: string }[];
  text: string | null;
  html: string | null;
  /** Pictures within it that its HTML shows, by Content-ID, as data URLs. */
  pictures: Map<string, string>;
  parts: MailPart[];
  dsn: Dsn | null;
  /** In words, where it could not be read: then nothing is here but its bytes. */
  trouble: string | null;
}

/** A message of which nothing is known but its bytes. */
export const unread = (raw: string, trouble: string): OpenMail => ({
  raw,
  headers: [],
  text: null,
  html: null,
  pictures: new Map(),
  parts: [],
  dsn: null,
  trouble,
});

export async function openMail(raw: string): Promise<OpenMail> {
  const bytes = Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
  // What a report brings back is a part of it, not its text.
  const mail = await PostalMime.parse(bytes, { forceRfc822Attachments: true });
  const status = mail.attachments.find(({ mimeType }) => mimeType === 'message/delivery-status');
  return {
    raw,
    headers: mail.headers.map(({ originalKey, value }) => ({
      name: originalKey,
      value: value.replace(/\s+/g, ' ').trim(),
    })),
    text: mail.text ?? null,
    html: mail.html ?? null,
    pictures: new Map(
      mail.attachments.flatMap((part) =>
        part.contentId !== undefined && part.mimeType.startsWith('image/')
          ? [[part.contentId.replace(/^<|>$/g, ''), dataUrl(part)]]
          : [],
      ),
    ),
    parts: [
      ...(mail.text === undefined
        ? []
        : [{ type: 'text/plain', name: '', note: 'the text', bytes: new TextEncoder().encode(mail.text) }]),
      ...(mail.html === undefined
        ? []
        : [{ type: 'text/html', name: '', note: 'the same as HTML', bytes: new TextEncoder().encode(mail.html) }]),
      ...mail.attachments.map((part) => ({
        type: part.mimeType,
        name: part.filename ?? '',
        note: part.description ?? '',
        bytes: bytesOf(part),
      })),
    ],
    dsn: status === undefined ? null : parseDsn(utf8(bytesOf(status))),
    trouble: null,
  };
}

const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function bytesOf({ content }: Attachment): Uint8Array {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

function dataUrl(part: Attachment): string {
  const signs = Array.from(bytesOf(part), (byte) => String.fromCharCode(byte)).join('');
  return `data:${part.mimeType.replace(/[^\w/+.-]/g, '')};base64,${btoa(signs)}`;
}

/** The bytes as a person reads them: UTF-8 where they are UTF-8, and a sign for what has none. */
export function readable(raw: string): string {
  const text = utf8(Uint8Array.from(raw, (sign) => sign.charCodeAt(0)));
  return (
    text
      .replace(/\r\n/g, '\n')
      // eslint-disable-next-line no-control-regex -- these are the characters it is about
      .replace(/[\x00-\x08\x0b-\x1f]/g, (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)))
  );
}
