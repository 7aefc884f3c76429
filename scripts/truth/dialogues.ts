/** Reads dialogues: a client's lines and a server's replies, each command with its reply. */
import type { LabEvent } from '../../src/contract/events.ts';
import { plain, type Item } from './words.ts';

interface Said {
  client: string[];
  /** Lines of the server, `-` and all. */
  server: string[];
}

/** `C: ...` and `S: ...`; curl's `-> ...`, `<- ...` and `<** ...`; the transcript in a mail to postmaster, ` In:  ...` and ` Out: ...`. */
export function readDialogue(text: string): Said {
  const said: Said = { client: [], server: [] };
  for (const line of text.replace(/\n {5}(?=\S)/g, ' ').split('\n')) {
    const found = /^(?:(?<client> ?->|C:| In: ) ?|(?<server><-|<\*\*|S:| Out:) )\s?(?<words>.*)$/.exec(line)?.groups;
    if (found === undefined) continue;
    said[found['client'] === undefined ? 'server' : 'client'].push(found['words']!.trim());
  }
  return said;
}

/** What was said in a session of the lab. */
export function labDialogue(events: LabEvent[], session: string): Said {
  const said: Said = { client: [], server: [] };
  for (const event of events) {
    if (event.kind === 'smtp-say' && event.session === session)
      said[event.side === 'smtp-in' ? 'server' : 'client'].push(...event.lines);
  }
  return said;
}

/** The greeting, then each command with its reply. Lines of one reply are items of their own. */
export function dialogueItems({ client, server }: Said): Item[] {
  const replies: string[][] = [[]];
  for (const line of server) {
    replies.at(-1)!.push(line);
    if (/^\d{3}( |$)/.test(line)) replies.push([]);
  }
  return ['', ...client].flatMap((command, index) => {
    const verb = command === '' ? 'greeting' : `${index} ${command.split(' ')[0]}`;
    const said = command === '' ? [] : [{ key: `${verb} said`, value: plain(command) }];
    const heard = (replies[index] ?? []).map((line) => ({
      key: `${verb} reply${verb.endsWith('EHLO') ? ` ${line.slice(4).split(' ')[0]}` : ''}`,
      value: plain(line).replace(/^(\d{3})-/, '$1 '),
    }));
    return [...said, ...heard];
  });
}
