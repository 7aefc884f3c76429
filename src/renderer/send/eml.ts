/** A message from a file (.eml, RFC 5322): its bytes for the wire, and the addresses that its header names. Pure but for reading the file. */
import PostalMime from 'postal-mime';
import type { EmlFile } from './draft.ts';

/** A message file, and what its header says of it. */
export type OpenedEml = EmlFile & { from: string | null; to: string[]; subject: string };

const SIZE_MAX = 10_000_000;

/** Throws in words for the person who dropped it. */
export async function readEml(file: File): Promise<OpenedEml> {
  if (file.size > SIZE_MAX)
    throw new Error(
      `${file.name} has ${Math.ceil(file.size / 1e6)} MB: ${SIZE_MAX / 1e6} MB is the most that can be sent from here`,
    );
  return fromBytes(file.name, new Uint8Array(await file.arrayBuffer()));
}

export async function fromBytes(name: string, bytes: Uint8Array): Promise<OpenedEml> {
  // One character for each byte; lines end with CRLF on the wire, whatever the file has.
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  text = text.replace(/\r?\n/g, '\r\n');
  if (!/^[!-9;-~]+:/.test(text))
    throw new Error(`${name} is no message: it does not begin with a header such as From:`);
  const headerEnd = text.indexOf('\r\n\r\n');
  const header = (headerEnd < 0 ? text : text.slice(0, headerEnd)).replace(/\r\n[ \t]+/g, ' ');
  const field = (wanted: string): string => new RegExp(`^${wanted}:(.*)$`, 'im').exec(header)?.[1] ?? '';
  const addresses = (wanted: string): string[] =>
    field(wanted)
      .split(/[\s<>,;:"()]+/)
      .filter((word) => /^[^@]+@[^@]+$/.test(word));
  return {
    name,
    base64: btoa(text),
    sizeBytes: text.length,
    from: addresses('From')[0] ?? null,
    to: [...new Set([...addresses('To'), ...addresses('Cc')])],
    subject: await subjectOf(field('Subject')),
  };
}

/** Longer than any that a person reads; decoding a longer one takes more than linear time. */
const SUBJECT_MAX = 2_000;

/** Decoded, for people. `value`: one character for each byte. */
async function subjectOf(value: string): Promise<string> {
  const header = `Subject: ${value.slice(0, SUBJECT_MAX).trim()}\r\n\r\n`;
  return (await PostalMime.parse(Uint8Array.from(header, (sign) => sign.charCodeAt(0)))).subject ?? '';
}
