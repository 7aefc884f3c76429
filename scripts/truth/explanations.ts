/**
 * Differences that a standard asks for or allows, where the lab's way is the better one, or where the recording has something in it
 * that came from elsewhere. Each names the sentence. A difference that stands here no more is no harm; one that no standard explains
 * has no place here: the engine is to be mended.
 */
import type { Pair } from './words.ts';

interface Explanation {
  test(pair: Pair, caseId: string): boolean;
  why: string;
}

export const EXPLANATIONS: Explanation[] = [
  {
    test: ({ key, recorded }) => key.endsWith('Last-Attempt-Date') && recorded === null,
    why: 'RFC 3464 §2.3.7: "The Last-Attempt-Date field gives the date and time of the last attempt to relay, gateway, or deliver the message"; optional, and worth having where tries were spread over time',
  },
  {
    test: ({ recorded, lab }) =>
      recorded !== null && lab !== null && recorded.replaceAll('No route to host', 'Connection timed out') === lab,
    why: 'RFC 1122 §4.2.3.9: unreachable messages of codes 0, 1 and 5 are "soft error conditions, TCP MUST NOT abort the connection": whoever dials waits; the recorded kernel gave up at once, as both machines stood on one cable',
  },
  {
    test: ({ key, lab }) => key.endsWith('EHLO reply CHUNKING') && lab === null,
    why: 'RFC 5321 §2.2.1: the model of extensions "permits the client and server to agree to utilize shared functionality beyond the original SMTP requirements"; CHUNKING (RFC 3030) need not be offered, and what is not offered is not used',
  },
  {
    test: ({ key }, caseId) => caseId === '13.c' && /^message [123]: (error|smtp|qmgr from=)/.test(key),
    why: 'RFC 5321 §4.5.4.1: a client keeps "a list of hosts it cannot reach"; when a host comes onto it is its own affair. The recorded queue manager suspended u@dead.test after three failures, as it had counted some of the case recorded before; one that was started anew was seen to try all three messages in each round, as the lab does',
  },
  {
    test: ({ key }, caseId) => caseId === '14' && /open at once at the most|made in all/.test(key),
    why: 'RFC 5321 §4.5.4.1 leaves concurrency to the client. How many connections follow the first five depends on how far apart the answers come: a fifth of a second in the recording, at one instant in the lab',
  },
];

export function explain(pair: Pair, caseId: string): string | null {
  return EXPLANATIONS.find(({ test }) => test(pair, caseId))?.why ?? null;
}
