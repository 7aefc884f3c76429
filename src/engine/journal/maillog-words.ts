/** The words of a mail log for what became of a recipient. */
import type { LabEvent } from '../../contract/events.ts';
import { replyText, statusOf, statusOfReply, wordsOf } from '../../contract/why-words.ts';
import type { Peer, Why } from '../../contract/why.ts';

export interface OutcomeFacts {
  program: string;
  relay: string;
  dsn: string;
  status: string;
  reason: string;
}

/** What a line `to=<...>, relay=..., dsn=..., status=... (reason)` says of an outcome, and the program that says it. */
export function outcomeFacts(event: LabEvent<'queue-deliver' | 'queue-defer' | 'queue-fail'>): OutcomeFacts {
  if (event.kind === 'queue-deliver') {
    const dsn = statusOfReply(event.reply);
    if (event.peer === null)
      return { program: 'local', relay: 'local', dsn, status: 'sent', reason: 'delivered to mailbox' };
    return { program: 'smtp', relay: relayOf(event.peer), dsn, status: 'sent', reason: replyText(event.reply) };
  }
  const { why } = event;
  // A message whose time ran out failed as it did before; that this was the last time, the queue manager says.
  const status = event.kind === 'queue-defer' || event.expired ? 'deferred' : 'bounced';
  return { ...placeOf(why), dsn: statusOf(why), status, reason: wordsOf(why) };
}

function placeOf(why: Why): { program: string; relay: string } {
  switch (why.kind) {
    case 'reply':
    case 'lost':
    case 'extension':
      return { program: 'smtp', relay: relayOf(why.peer) };
    case 'connect':
    case 'dns':
    case 'loop':
      return { program: 'smtp', relay: 'none' };
    case 'local':
      return { program: 'local', relay: 'local' };
    case 'suspended':
    case 'person':
      return { program: 'error', relay: 'none' };
  }
}

const relayOf = (peer: Peer): string => `${peer.name}[${peer.address}]:${peer.port}`;

/** A delay as Postfix writes it: two digits that count, and no more than hundredths. */
export function seconds(ms: number): string {
  const digits = ms < 995 ? 2 : ms < 9_950 ? 1 : 0;
  return String(Number((ms / 1000).toFixed(digits)));
}
