/** Reads a delivered message, and a report's parts, into fields that can be compared. */
import { plain, type Item } from './words.ts';

/** Unfolded header fields in their order, and what stands behind them. */
export function readHeader(text: string): { fields: [name: string, value: string][]; body: string } {
  const end = text.search(/\n\n|\n?$(?![\s\S])/);
  const head = text.slice(0, end);
  const fields = head
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
    });
  return { fields, body: text.slice(end).replace(/^\n+/, '') };
}

/** Everything of a message that is not for people. */
export function mailItems(text: string): Item[] {
  const { fields, body } = readHeader(text);
  const items = headerItems('', fields);
  const boundary = /boundary="([^"]+)"/.exec(fields.find(([name]) => name === 'Content-Type')?.[1] ?? '')?.[1];
  if (boundary === undefined) return [...items, { key: 'body', value: body.trim() }];
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => part.replace(/^\n/, ''));
  return [
    ...items,
    { key: 'parts', value: String(parts.length) },
    ...parts.flatMap((part, index) => partItems(part, index + 1)),
  ];
}

function partItems(part: string, number: number): Item[] {
  const { fields, body } = readHeader(part);
  const items = headerItems(`part ${number} `, fields);
  const type = fields.find(([name]) => name === 'Content-Type')?.[1] ?? '';
  // Recipients that were tried at one time stand in any order.
  if (type.startsWith('text/plain'))
    return [
      ...items,
      ...reasons(body)
        .sort()
        .map((value) => ({ key: `part ${number} reason`, value })),
    ];
  if (type.startsWith('message/delivery-status')) return [...items, ...statusItems(body)];
  const original = readHeader(body);
  const returned = headerItems(`part ${number} returned `, original.fields);
  return [
    ...items,
    ...returned,
    { key: `part ${number} returned body`, value: original.body.trim() === '' ? 'none' : original.body.trim() },
  ];
}

function headerItems(prefix: string, fields: [string, string][]): Item[] {
  return fields.map(([name, value]) => ({
    key: `${prefix}${name}`,
    value: name === 'Received' ? received(value) : plain(value),
  }));
}

/** Where mail came into C: there from its sendmail command, here over SMTP from a mail program. */
function received(value: string): string {
  const handedIn =
    /^by (\S+) \(Postfix, from userid \d+\)/.exec(value) ??
    /^from client \(unknown \[192\.0\.2\.250\]\) by (\S+) /.exec(value);
  return handedIn === null ? plain(value) : `handed in at ${handedIn[1]}`;
}

/** The paragraphs that say what happened to whom, behind the letter for people. */
function reasons(body: string): string[] {
  const paragraphs = body.split(/\n\n+/);
  return paragraphs
    .slice(paragraphs.findIndex((one) => one.includes('The mail system')) + 1)
    .map((one) => plain(one.replace(/\s+/g, ' ').trim()))
    .filter((one) => one !== '');
}

function statusItems(body: string): Item[] {
  const [own = '', ...rcpts] = body.trim().split(/\n\n+/);
  const blocks = [own, ...rcpts.sort()].map((block) => readHeader(`${block}\n\n`).fields);
  const arrived = Date.parse((blocks[0]?.find(([name]) => name === 'Arrival-Date')?.[1] ?? '').replace(' (UTC)', ''));
  return blocks.flatMap((fields, index) =>
    fields.map(([name, value]) => {
      const key = `${index === 0 ? 'status' : `status of recipient ${index}`} ${plain(name)}`;
      if (name !== 'Will-Retry-Until') return { key, value: plain(value) };
      return { key, value: `Arrival-Date + ${(Date.parse(value.replace(' (UTC)', '')) - arrived) / 1000} s` };
    }),
  );
}
