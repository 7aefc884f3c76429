/** The part of a mail log that the server's side writes: who came, what was refused, and what was said, in numbers. */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, QueueId, SessionId } from '../../contract/model.ts';
import { replyText } from '../../contract/why-words.ts';

/** What an address is called by its reverse look-up: `192.0.2.2` to `b.theorganisation.test`. */
export type AddressNames = ReadonlyMap<string, string>;

interface Visit {
  /** `b.theorganisation.test[192.0.2.2]` */
  client: string;
  helo: string | null;
  esmtp: boolean;
  sender: string | null;
  /** Commands whose reply is still to come. */
  asked: string[];
  /** What came after the last 354: so many bytes, null when nobody counted them. Null: no 354 yet. */
  content: { bytes: number | null; answered: boolean } | null;
  greeted: boolean;
  counts: Map<string, { good: number; all: number }>;
}

const SMTP_PORT = 25;
const DOT_BYTES = 3;
const END_OF_MESSAGE = 'END-OF-MESSAGE';
/** As Postfix orders them; what it doesn't know is counted as unknown. */
const VERBS = ['helo', 'ehlo', 'mail', 'rcpt', 'data', 'rset', 'noop', 'vrfy', 'etrn', 'quit', 'unknown'];
const STAGE_WORDS: Partial<Record<LabEvent<'message-refuse'>['stage'], string>> = {
  connect: 'CONNECT',
  mail: 'MAIL',
  rcpt: 'RCPT',
  'final-dot': END_OF_MESSAGE,
};

export function createVisits(
  hostKey: HostKey,
  names: AddressNames,
  put: (at: Instant, session: SessionId, text: string, queueId: QueueId | null) => void,
) {
  const visits = new Map<SessionId, Visit>();

  const refused = (event: LabEvent<'message-refuse'>, visit: Visit): void => {
    const { stage, address, reply, reason } = event;
    // As Postfix: space is looked at before the sender is written down.
    const from = visit.sender === null || (stage === 'mail' && reason === 'disk full') ? '' : `from=<${visit.sender}> `;
    const to = stage === 'rcpt' && address !== null ? `to=<${address}> ` : '';
    const helo = visit.helo === null ? '' : ` helo=<${visit.helo}>`;
    const where = STAGE_WORDS[stage] ?? stage.toUpperCase();
    put(
      event.at,
      event.session,
      `NOQUEUE: reject: ${where} from ${visit.client}: ${replyText(reply)}; ${from}${to}proto=${visit.esmtp ? 'ESMTP' : 'SMTP'}${helo}`,
      null,
    );
  };

  /** The daemon waited or bore with its client long enough, says 421 and leaves; that it can't be heard any more is not its affair. */
  const left = (event: LabEvent<'smtp-say'>, visit: Visit, why: string): void => {
    visits.delete(event.session);
    put(event.at, event.session, `${why} after ${stageOf(visit)} from ${visit.client}`, null);
    answered(visit, event.lines);
    put(event.at, event.session, `disconnect from ${visit.client}${countWords(visit.counts)}`, null);
  };

  const closed = (event: LabEvent<'link-close' | 'link-reset'>, visit: Visit): void => {
    visits.delete(event.session);
    // As Postfix: who goes when its message was answered is not called lost.
    if (
      !visit.counts.has('quit') &&
      stageOf(visit) !== END_OF_MESSAGE &&
      (event.kind === 'link-reset' || event.by === 'client')
    ) {
      put(event.at, event.session, `lost connection after ${stageOf(visit)} from ${visit.client}`, null);
    }
    countNext(visit, false);
    put(event.at, event.session, `disconnect from ${visit.client}${countWords(visit.counts)}`, null);
  };

  return {
    /** A message was taken from this visitor. */
    accepted(at: Instant, session: SessionId, queueId: QueueId): void {
      put(at, session, `${queueId}: client=${visits.get(session)?.client ?? 'unknown'}`, queueId);
    },
    take(event: LabEvent): void {
      if (event.kind === 'link-connect') {
        if (event.host !== hostKey || event.targetPort !== SMTP_PORT) return;
        const client = `${names.get(event.sourceAddress) ?? 'unknown'}[${event.sourceAddress}]`;
        visits.set(event.session, {
          client,
          helo: null,
          esmtp: false,
          sender: null,
          asked: [],
          content: null,
          greeted: false,
          counts: new Map(),
        });
        return put(event.at, event.session, `connect from ${client}`, null);
      }
      const visit = event.session ? visits.get(event.session) : undefined;
      if (visit === undefined) return;
      const [, why] =
        event.kind === 'smtp-say' && event.side === 'smtp-in'
          ? (/^421 (?:4\.\d\.\d )?\S+ Error: (timeout|too many errors)/.exec(event.lines[0] ?? '') ?? [])
          : [];
      if (event.kind === 'smtp-say' && why !== undefined) return left(event, visit, why);
      if (event.kind === 'smtp-say')
        return event.side === 'smtp-in' ? answered(visit, event.lines) : asked(visit, event.lines);
      if (event.kind === 'link-lost' && event.from === 'client') return lost(visit, event.bytes);
      if (event.kind === 'message-refuse') return refused(event, visit);
      if (event.kind === 'link-close' || event.kind === 'link-reset') closed(event, visit);
    },
  };
}

function asked(visit: Visit, lines: string[]): void {
  for (const line of lines) {
    const message = /^<message of (\d+) bytes>$/.exec(line);
    if (message !== null) visit.content = { bytes: Number(message[1]) + DOT_BYTES, answered: false };
    if (line === '.' || message !== null) continue; // its reply belongs to DATA
    const [word = '', ...rest] = line.split(' ');
    const verb = word.toLowerCase();
    visit.asked.push(VERBS.includes(verb) ? verb : 'unknown');
    if (verb === 'data') visit.content = null;
    if (verb === 'ehlo' || verb === 'helo') {
      visit.helo = rest.join(' ');
      visit.esmtp = verb === 'ehlo';
    }
    if (verb === 'mail') visit.sender = /<([^>]*)>/.exec(line)?.[1] ?? null;
  }
}

function answered(visit: Visit, lines: string[]): void {
  if (!visit.greeted) {
    visit.greeted = true;
    return;
  }
  const code = Number(lines[0]?.slice(0, 3));
  if (visit.asked[0] === 'data' && code === 354) {
    // The reply to the message decides. Of a program outside one learns what it sends when all of it is there.
    visit.content ??= { bytes: null, answered: false };
    return;
  }
  if (visit.asked[0] === 'data' && visit.content !== null) visit.content.answered = true;
  countNext(visit, code < 400);
}

function countNext({ asked, counts }: Visit, good: boolean): void {
  const verb = asked.shift();
  if (verb === undefined) return;
  const count = counts.get(verb) ?? { good: 0, all: 0 };
  counts.set(verb, { good: count.good + (good ? 1 : 0), all: count.all + 1 });
}

/** Of what was sent, so much did not come. */
function lost(visit: Visit, bytes: number): void {
  const { content } = visit;
  if (content !== null && content.bytes !== null && !content.answered)
    content.bytes = Math.max(0, content.bytes - bytes);
}

/** Where the dialogue stands, as Postfix says it: `RCPT`, `DATA (199847 bytes)`, `END-OF-MESSAGE`. */
function stageOf({ asked: [next], counts, content }: Visit): string {
  const verb = next ?? [...counts.keys()].at(-1) ?? 'connect';
  if (verb !== 'data' || content === null) return verb.toUpperCase();
  if (content.answered) return END_OF_MESSAGE;
  return content.bytes === null ? 'DATA' : `DATA (${content.bytes} bytes)`;
}

/** ` ehlo=1 mail=0/1 quit=1 commands=2/3` */
function countWords(counts: Visit['counts']): string {
  const words = ({ good, all }: { good: number; all: number }): string =>
    good === all ? String(all) : `${good}/${all}`;
  const sum = { good: 0, all: 0 };
  const parts = VERBS.flatMap((verb) => {
    const count = counts.get(verb);
    if (count === undefined) return [];
    sum.good += count.good;
    sum.all += count.all;
    return [` ${verb}=${words(count)}`];
  });
  return `${parts.join('')} commands=${words(sum)}`;
}
