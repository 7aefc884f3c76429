/**
 * Where a lab's host answers otherwise than Postfix 3.7, and why: an RFC that forbids what Postfix does, or asks for more than it does.
 * At most ten. What none of them explains is a fault of the lab.
 */
import { allOf, type Dialogue } from './talk.ts';

export interface First {
  /** The dialogue, and the command whose answers differ first ('' where all was said at once). */
  dialogue: Dialogue;
  said: string;
  lab: string;
  postfix: string;
}

export interface Difference {
  rfc: string;
  why: string;
  /** Whether it is this that one sees. */
  is(first: First): boolean;
}

const DOT_STRING = String.raw`[\w!#$%&'*+/=?^\`{|}~\u0080-\uffff-]+(?:\.[\w!#$%&'*+/=?^\`{|}~\u0080-\uffff-]+)*`;
const QUOTED = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\uffff]|\\[\x20-\x7e])*"`;
const LABEL = String.raw`[a-z\d\u0080-\uffff](?:[a-z\d\u0080-\uffff-]*[a-z\d\u0080-\uffff])?`;
const DOMAIN = String.raw`${LABEL}(?:\.${LABEL})*`;
/** RFC 5321 §4.1.2: Reverse-path and Forward-path. */
const PATH = new RegExp(
  String.raw`^(<>|<postmaster>|<(?:@${DOMAIN}(?:,@${DOMAIN})*:)?(?:${DOT_STRING}|${QUOTED})@(?:${DOMAIN}|\[[^\]]+\])>)$`,
  'i',
);

/** Commands with an address that the grammar does not have. */
const oddPaths = (text: string): boolean => {
  for (const [, mail, vrfy] of text.matchAll(/^\s*(?:(?:mail\s+from:|rcpt\s+to:)[ \t]*(.*)|vrfy\s+(.*))$/gim)) {
    const path =
      mail === undefined
        ? `<${(vrfy ?? '').replace(/^[ \t]+|[ \t\r]+$/g, '').replace(/^<(.*)>$/, '$1')}>`
        : (/^(?:<(?:[^>"\\]|"(?:[^"\\]|\\.)*"|\\.)*>)(?=[ \t\r]|$)/.exec(mail)?.[0] ?? '');
    if (!PATH.test(path)) return true;
  }
  return false;
};

/** Of a dialogue in which all was said at once, every line may be the one. */
const suspects = ({ dialogue, said }: First): string =>
  dialogue.atOnce ? dialogue.steps.map((step) => allOf(step).toString()).join('') : said;
const isAbout =
  (verbs: RegExp) =>
  (first: First): boolean =>
    verbs.test(suspects(first));
const refusesAddress = ({ lab }: First): boolean => lab === '501 5.1.7' || lab === '501 5.1.3';
// eslint-disable-next-line no-control-regex -- these are the characters it is about
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'line ends': {
    rfc: 'RFC 5321 §2.3.8, §4.1.1.4',
    why: 'CR and LF end a line together or not at all: a message with one alone is refused, and LF . LF ends none. Postfix (smtpd_forbid_bare_newline = no) takes LF for a line end, by which mail was smuggled (CVE-2023-51764).',
    is: ({ dialogue, lab, postfix, said }) =>
      lab !== postfix &&
      /(^|[^\r])\n|\r(?!\n)/.test(
        dialogue.atOnce
          ? dialogue.steps.map((step) => (typeof step === 'string' ? '' : allOf(step).toString('latin1'))).join('')
          : said,
      ),
  },
  etrn: {
    rfc: 'RFC 2034 §4',
    why: 'Where ENHANCEDSTATUSCODES is offered, each answer of 2xx, 4xx and 5xx has one but for the greeting, HELO and EHLO. Postfix leaves it out of its answers to ETRN.',
    is: (first) => isAbout(/^\s*etrn/im)(first) && first.lab.slice(0, 3) === first.postfix && first.lab.length > 3,
  },
  control: {
    rfc: 'RFC 5321 §4.1.2',
    why: 'A command with characters in it that are invalid, and which has no other fault, MUST be answered with 501. Postfix takes control characters in addresses.',
    is: (first) => refusesAddress(first) && CONTROL.test(suspects(first)),
  },
  grammar: {
    rfc: 'RFC 5321 §4.1.2',
    why: 'An address that the grammar does not have is refused where Postfix, which reads it as a header field (RFC 822), makes one out of it: groups and lists (`g: a@b;`, `a@b,`), commas and semicolons, an empty domain, `<>x`.',
    is: (first) => refusesAddress(first) && oddPaths(suspects(first)),
  },
  'double-bounce': {
    rfc: 'RFC 5321 §4.5.1',
    why: 'Postfix takes mail for an address of its own (double_bounce_sender) and throws it away. postmaster is the only one that every host must have.',
    is: (first) => first.lab === '550 5.1.1' && isAbout(/double-bounce@/)(first),
  },
  'a refused MAIL': {
    rfc: 'RFC 5321 §4.1.4',
    why: 'A command that begins a transaction and is refused leaves the server in the same state. In Postfix its SIZE and AUTH count for the next MAIL too, which has none, and a second MAIL takes SMTPUTF8 from the transaction under way.',
    is: (first) =>
      (isAbout(/mail\s+from:/i)(first) && ['552 5.3.4', '503 5.5.4'].includes(first.postfix)) ||
      (first.postfix === '501 5.1.3' &&
        isAbout(/rcpt\s+to:.*@.*[\u0080-\uffff]/i)(first) &&
        first.dialogue.steps.some((step) => /SMTPUTF8/i.test(allOf(step).toString()))),
  },
  'dot and blank': {
    rfc: 'RFC 5321 §4.5.2',
    why: 'The dot that is put in front of a line means nothing once it is taken off. Postfix keeps a message that begins with a blank apart from its own Received line, but not where a dot stood before the blank: what follows is then read as header.',
    is: (first) =>
      first.lab.startsWith('250') && first.postfix === '554 5.4.0' && /^(>*From .*\r\n)?\. /m.test(suspects(first)),
  },
};
