/**
 * The why card: an attempt in words, step by step. Whom the zone named, who was tried and what came of it, whom nobody
 * asked and why, and what follows. Pure.
 */
import type { MxCandidate } from '../../../contract/events.ts';
import type { HostKey, Instant } from '../../../contract/model.ts';
import { commandWords, plainWords, replyText } from '../../../contract/why-words.ts';
import type { Peer, Why } from '../../../contract/why.ts';
import type { Meaning } from '../../lab/rows.ts';
import { inShort, relative, timeOf, whenOf } from '../../lab/words.ts';
import type { AttemptFacts, Outcome, Tried } from './attempt.ts';

export interface MxRow {
  preference: string;
  name: string;
  address: string;
  /** Why it was left out; null: it is asked. */
  dropped: string | null;
}

/** Where a step leads on. */
export type Lead =
  | { to: 'attempt'; attempt: string; words: string }
  | { to: 'mail'; mail: string; words: string }
  | { to: 'mailbox'; host: HostKey; words: string };

export interface Step {
  meaning: Meaning;
  title: string;
  took: string;
  mx: MxRow[];
  /** What was said, or the rule, as it stands. */
  reply: { meaning: Meaning; text: string } | null;
  words: string[];
  leads: Lead[];
}

export interface WhyCard {
  verdict: string;
  about: string;
  steps: Step[];
}

type Named = (peer: Peer) => string;

export const letterOf = (key: HostKey): string => key.toUpperCase();
const localPart = (address: string): string =>
  address === '' ? '<>' : address.slice(0, address.lastIndexOf('@') === -1 ? undefined : address.lastIndexOf('@'));
const step = (meaning: Meaning, title: string, rest: Partial<Step> = {}): Step => ({
  meaning,
  title,
  took: '',
  mx: [],
  reply: null,
  words: [],
  leads: [],
  ...rest,
});

export function whyCard(facts: AttemptFacts, named: Named, now: Instant): WhyCard {
  const end = endOf(facts);
  return {
    verdict: verdictOf(facts, named),
    about: `${localPart(facts.sender)} to ${facts.rcpts.map(localPart).join(', ')}, ${timeOf(facts.at)}${end === null ? `, under way for ${inShort(Math.max(0, now - facts.at))}` : `, took ${inShort(end - facts.at)}`}`,
    steps: [
      zoneStep(facts, named),
      ...facts.tried.map((one) => hostStep(facts, one, named, now)),
      ...unasked(facts, named),
      ...whatFollows(facts, named, now),
    ],
  };
}

const endOf = ({ outcomes }: AttemptFacts): Instant | null =>
  outcomes.length === 0 ? null : Math.max(...outcomes.map(({ at }) => at));
const preferenceOf = ({ route }: AttemptFacts, address: string): MxCandidate | null =>
  route?.candidates.find(({ addresses }) => addresses.includes(address)) ?? null;

function verdictOf(facts: AttemptFacts, named: Named): string {
  const host = letterOf(facts.host);
  const delivered = facts.outcomes.find((one) => one.kind === 'queue-deliver');
  const failed = facts.outcomes.find((one) => one.kind === 'queue-fail');
  const deferred = facts.outcomes.find((one) => one.kind === 'queue-defer');
  const before = facts.tried.filter((one) => one.failed !== null);
  const reason = before[0]?.failed ? shortWhy(before[0].failed.why, before[0].who, before[0]) : null;
  if (delivered?.kind === 'queue-deliver') {
    const taker = delivered.peer === null ? host : named(delivered.peer);
    const partly = failed !== undefined || deferred !== undefined ? ', for some' : '';
    return `${reason === null ? `${host} gave it to ${taker}` : `${reason}, so ${host} gave it to ${taker}`}${partly}`;
  }
  if (failed?.kind === 'queue-fail')
    return failed.expired ? `${host} gave up` : `Failed for good: ${plainWords(failed.why, named)}`;
  if (deferred?.kind === 'queue-defer') {
    if (deferred.why.kind === 'suspended') return `Not tried: ${deferred.why.domain} is taken for dead`;
    return before.length > 1
      ? `Nobody took it, so ${host} keeps it`
      : `${reason ?? plainWords(deferred.why, named)}, so ${host} keeps it`;
  }
  const last = facts.tried.at(-1);
  if (last === undefined) return facts.route === null ? `${host} asks the DNS` : `${host} is about to call`;
  return last.dialled.kind === 'open' || last.dialled.kind === 'reused'
    ? `${host} talks to ${last.who}`
    : `${host} waits for an answer from ${last.who}`;
}

/** `A never answered` */
function shortWhy(why: Why, who: string, tried: Tried): string {
  if (tried.dialled.kind === 'stopped')
    return tried.dialled.how === 'drop' ? `${who} never answered` : `The firewall turned ${who}’s caller away`;
  switch (why.kind) {
    case 'connect':
      return {
        refused: `${who} refused the connection`,
        timeout: `${who} never answered`,
        unreachable: `There is no way to ${who}`,
      }[why.problem];
    case 'lost':
      return { closed: `${who} hung up`, reset: `${who} broke off`, timeout: `${who} fell silent` }[why.problem];
    case 'reply':
      return why.reply.code < 500 ? `${who} said not now` : `${who} said no`;
    default:
      return `${who} did not take it`;
  }
}

function zoneStep(facts: AttemptFacts, named: Named): Step {
  const { route, domain, outcomes } = facts;
  const title = `Who takes mail for ${domain}?`;
  if (route === null) {
    const over = outcomes.find((one) => one.kind !== 'queue-deliver');
    if (over === undefined) return step('moving', title, { words: ['The DNS was asked, and has not answered yet.'] });
    if (over.why.kind === 'suspended')
      return step('waiting', title, {
        words: ['It was not asked: nobody there answered a moment ago, so this message waits with the others.'],
      });
    const { why } = over;
    return step(over.kind === 'queue-fail' ? 'failed' : 'waiting', title, {
      took: inShort(over.at - facts.at),
      words: [`${plainWords(why, named)}.`],
    });
  }
  return step('neutral', title, {
    took: inShort(route.at - (facts.turnAt ?? facts.at)),
    mx: mxRows(route.candidates, route.dropped),
    words: [...turnWords(facts), ...zoneWords(facts)],
  });
}

function turnWords({ at, turnAt, domain }: AttemptFacts): string[] {
  return turnAt === null || turnAt <= at
    ? []
    : [`It waited ${inShort(turnAt - at)} for its turn: others to ${domain} were under way.`];
}

function mxRows(candidates: MxCandidate[], dropped: { name: string; reason: string }[]): MxRow[] {
  return [...candidates]
    .sort((a, b) => a.preference - b.preference)
    .map(({ preference, name, addresses, implicit }) => ({
      preference: implicit ? '–' : String(preference),
      name,
      address: addresses.join(', ') || 'no address',
      dropped: dropped.find((one) => one.name === name)?.reason ?? null,
    }));
}

function zoneWords({ route, host }: AttemptFacts): string[] {
  if (route === null) return [];
  const { candidates, dropped, order } = route;
  const own = dropped.find(({ reason }) => reason === 'this host itself');
  if (candidates.some(({ implicit }) => implicit))
    return ['There is no MX record: the name itself is asked, as if it were one (implicit MX).'];
  const words = [];
  if (own !== undefined)
    words.push(`${letterOf(host)} is one of them: it leaves itself out, and whatever is not better (RFC 5321 §5.1).`);
  const left = candidates.filter(({ name }) => !dropped.some((one) => one.name === name));
  const equal = left.filter(({ preference }) => left.filter((one) => one.preference === preference).length > 1);
  if (left.length > 1 && equal.length === 0) words.push('Lowest first. No two are equal: nothing to draw.');
  if (equal.length > 1) {
    const names = order
      .map((target) => target.slice(0, target.indexOf('[')))
      .filter((name) => equal.some((one) => one.name === name));
    words.push(`${equal.length} are equal, so chance decides: ${names[0] ?? ''} was drawn first.`);
  }
  if (left.length === 1 && own === undefined) words.push('There is one, and no other to turn to.');
  return words;
}

function hostStep(facts: AttemptFacts, one: Tried, named: Named, now: Instant): Step {
  const mine = facts.outcomes.filter((outcome) => addressOf(outcome) === one.address);
  const over = one.failed?.at ?? mine[0]?.at ?? null;
  const took = inShort(Math.max(0, (over ?? now) - one.at));
  const candidate = preferenceOf(facts, one.address);
  const at =
    candidate === null ? one.who : `${one.who}, ${candidate.implicit ? 'implicit MX' : `MX ${candidate.preference}`}`;
  if (one.dialled.kind === 'stopped') return stoppedStep(facts, one, at, took);
  if (one.failed !== null) return failedStep(facts, one, { at, took }, named);
  const taken = mine.find((outcome) => outcome.kind === 'queue-deliver');
  const refused = mine.filter((outcome) => outcome.kind !== 'queue-deliver');
  if (taken?.kind === 'queue-deliver') {
    return step('arrived', `${at}: took it, and answers for it now`, {
      took,
      reply: { meaning: 'arrived', text: replyText(taken.reply) },
      words: [...reusedWords(one), ...refused.flatMap((outcome) => rcptWords(facts, outcome, named))],
    });
  }
  if (refused.length > 0) {
    const first = refused[0]!;
    const meaning = first.kind === 'queue-fail' ? 'failed' : 'waiting';
    return step(meaning, `${at}: ${meaning === 'failed' ? 'said no, for good' : 'said not now'}`, {
      took,
      reply: replyOf(first, meaning),
      words: refused.flatMap((outcome) => rcptWords(facts, outcome, named)),
    });
  }
  return one.dialled.kind === 'open' || one.dialled.kind === 'reused'
    ? step('moving', `${at}: the two are talking`, { took, words: reusedWords(one) })
    : step('waiting', `${at}: no answer so far`, {
        took,
        words: [`${letterOf(facts.host)} waits until its own time-out.`],
      });
}

const reusedWords = (one: Tried): string[] =>
  one.dialled.kind === 'reused' ? ['The connection was open already, from a message before.'] : [];

function stoppedStep(facts: AttemptFacts, one: Tried, at: string, took: string): Step {
  if (one.dialled.kind !== 'stopped') throw new Error('nothing stopped it');
  const { how, rule, ruleText } = one.dialled;
  const host = letterOf(facts.host);
  const reply = {
    meaning: 'blocked' as const,
    text: rule === null ? `default  ${how}` : `rule ${rule}  ${how}  ${ruleText}`,
  };
  if (one.failed === null)
    return step('blocked', `${at}: stopped at the firewall`, {
      took,
      reply,
      words: [`Nobody tells ${host}: it waits for an answer.`],
    });
  const words =
    how === 'drop' ? `No answer at all: ${host} waited out its ${took}` : `Refused at once, which cost ${host} no time`;
  return step('blocked', `${at}: stopped at the firewall`, {
    took,
    reply,
    words: [`${words}${nextWords(facts, one)}.`],
  });
}

function failedStep(facts: AttemptFacts, one: Tried, { at, took }: { at: string; took: string }, named: Named): Step {
  const { why } = one.failed!;
  const host = letterOf(facts.host);
  const next = nextWords(facts, one);
  switch (why.kind) {
    case 'connect':
      if (why.problem === 'refused')
        return step('waiting', `${at}: refused the connection`, {
          took,
          words: [`The machine is there, and no mail server listens${next}.`],
        });
      return step('waiting', `${at}: no answer`, {
        took,
        words: [`Off, or its line is cut: ${host} waited out its ${took}${next}.`],
      });
    case 'lost':
      return step('waiting', `${at}: the dialogue broke off`, {
        took,
        words: [`${plainWords(why, named)}${next}.`, ...reusedWords(one)],
      });
    case 'reply': {
      const permanent = why.reply.code >= 500 && why.stage !== 'connect' && why.stage !== 'greeting';
      const meaning = permanent ? 'failed' : 'waiting';
      return step(meaning, `${at}: ${permanent ? 'said no' : 'said not now'}`, {
        took,
        reply: { meaning, text: replyText(why.reply) },
        words: [`In answer to the ${commandWords(why.stage)}${next}.`],
      });
    }
    default:
      return step('waiting', `${at}: did not take it`, { took, words: [`${plainWords(why, named)}${next}.`] });
  }
}

/** `, then asked the next MX in the same attempt`; nothing where none was left. */
function nextWords({ tried }: AttemptFacts, one: Tried): string {
  return tried.indexOf(one) < tried.length - 1 ? ', then asked the next MX in the same attempt' : '';
}

function replyOf(outcome: Outcome, meaning: Meaning): Step['reply'] {
  return outcome.kind !== 'queue-deliver' && outcome.why.kind === 'reply'
    ? { meaning, text: replyText(outcome.why.reply) }
    : null;
}

/** For each recipient with an answer of its own. */
function rcptWords({ rcpts, outcomes }: AttemptFacts, outcome: Outcome, named: Named): string[] {
  if (outcome.kind === 'queue-deliver') return [];
  const said =
    outcome.why.kind === 'reply'
      ? `In answer to the ${commandWords(outcome.why.stage)}`
      : plainWords(outcome.why, named);
  if (rcpts.length === 1 || outcomes.length === 1) return [`${said}.`];
  const whom = outcome.rcpts.map((index) => rcpts[index] ?? `recipient ${index + 1}`).join(', ');
  return [`${whom}: ${plainWords(outcome.why, named)}.`];
}

function addressOf(outcome: Outcome): string | null {
  if (outcome.kind === 'queue-deliver') return outcome.peer?.address ?? null;
  return 'peer' in outcome.why ? outcome.why.peer.address : null;
}

/** Targets that were never called, when it is over: that, too, has a reason. */
function unasked(facts: AttemptFacts, named: Named): Step[] {
  const { route, outcomes, tried } = facts;
  if (route === null || outcomes.length === 0) return [];
  const rest = route.order.map(targetOf).filter((peer) => !tried.some(({ address }) => address === peer.address));
  if (rest.length === 0) return [];
  const names = [...new Set(rest.map(named))].join(', ');
  if (outcomes.every(({ kind }) => kind === 'queue-fail'))
    return [
      step('neutral', `${names} was not asked`, {
        words: ['A 5xx is an answer for good: another MX would not change it.'],
      }),
    ];
  if (outcomes.some(({ kind }) => kind === 'queue-deliver')) return [step('neutral', `${names} was not needed`)];
  return [];
}

function targetOf(target: string): Peer {
  const cut = target.lastIndexOf('[');
  return { name: target.slice(0, cut), address: target.slice(cut + 1, -1), port: 25 };
}

function whatFollows(facts: AttemptFacts, named: Named, now: Instant): Step[] {
  const leads: Lead[] = facts.reports.map((report) => ({
    to: 'mail',
    mail: report.mail,
    words: `The report to ${localPart(report.to)}`,
  }));
  const steps = [...new Map(facts.outcomes.map((outcome) => [outcome.kind, outcome])).values()].map((outcome) =>
    followStep(facts, outcome, named, now),
  );
  const last = steps.at(-1);
  if (last !== undefined) last.leads.push(...leads);
  return steps;
}

function followStep(facts: AttemptFacts, outcome: Outcome, named: Named, now: Instant): Step {
  const host = letterOf(facts.host);
  const told = (action: 'failed' | 'delayed'): string => {
    const report = facts.reports.find((one) => one.action === action);
    return report === undefined
      ? ''
      : ` ${host} tells ${localPart(report.to)}${action === 'delayed' ? ' that it is late' : ''}.`;
  };
  if (outcome.kind === 'queue-defer') {
    const again: Lead[] =
      facts.again === null ? [] : [{ to: 'attempt', attempt: facts.again, words: 'The next attempt' }];
    const when =
      facts.again === null && outcome.retryAt > now
        ? `${timeOf(outcome.retryAt)}, ${relative(outcome.retryAt, now)}`
        : whenOf(outcome.retryAt, now);
    return step('waiting', 'What follows', {
      words: [`${host} keeps it. Next try at ${when}.${told('delayed')}`],
      leads: again,
    });
  }
  if (outcome.kind === 'queue-fail') {
    const untold = facts.untold.some(({ action }) => action === 'failed')
      ? ' Nobody is told.'
      : ' Its sender is told when this round of tries is over.';
    return step('failed', 'What follows', {
      words: [
        `${outcome.expired ? 'Its time in the queue is over' : 'It is not tried again'}.${told('failed') || untold}`,
      ],
    });
  }
  const taker = outcome.peer === null ? host : named(outcome.peer);
  const { onward, mailbox } = facts;
  if (onward !== null)
    return step('moving', 'What follows', {
      words: [`${letterOf(onward.host)} is no final destination: it passes it on.`],
      leads: [{ to: 'attempt', attempt: onward.attempt, words: `${letterOf(onward.host)}’s attempt` }],
    });
  if (mailbox !== null)
    return step('arrived', 'What follows', {
      words: [`${letterOf(mailbox.host)} put it into ${mailbox.user}’s mailbox.`],
      leads: [{ to: 'mailbox', host: mailbox.host, words: 'The mailbox' }],
    });
  return step('arrived', 'What follows', { words: [`${host} is done. From here on it is ${taker}’s.`] });
}
