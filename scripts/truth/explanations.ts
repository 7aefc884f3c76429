/**
 * Differences that a standard asks for or allows, where the lab's way is the better one. Each names the sentence. A difference
 * that stands here no more is no harm; one that no standard explains has no place here: the engine is to be mended.
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
    test: ({ recorded, lab }) => recorded !== null && lab !== null && recorded.replaceAll('No route to host', 'Connection timed out') === lab,
    why: 'RFC 1122 §4.2.3.9: unreachable messages of codes 0, 1 and 5 are "soft error conditions, TCP MUST NOT abort the connection": whoever dials waits; the recorded kernel gave up at once, as both machines stood on one cable',
  },
  {
    test: ({ key, lab }) => key.endsWith('EHLO reply CHUNKING') && lab === null,
    why: 'RFC 5321 §2.2.1: the model of extensions "permits the client and server to agree to utilize shared functionality beyond the original SMTP requirements"; CHUNKING (RFC 3030) need not be offered, and what is not offered is not used',
  },
];

export function explain(pair: Pair, caseId: string): string | null {
  return EXPLANATIONS.find(({ test }) => test(pair, caseId))?.why ?? null;
}
