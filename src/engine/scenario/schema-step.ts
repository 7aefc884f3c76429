/** A step of the script: one act, written as one key. `note` and `may-fail` may stand beside it. */
import { z } from 'zod';
import { setHost } from './schema-host.ts';
import {
  count,
  duration,
  flag,
  instant,
  instantOf,
  keys,
  oneOf,
  oneOrMore,
  shown,
  size,
  span,
  spanOf,
  text,
} from './schema-values.ts';

const hostKey = text('A host');

export const send = keys('send', {
  name: text('The name of a message')
    .optional()
    .meta({ description: 'For checks; with count above 1: NAME-1, NAME-2 ...' }),
  from: text('A sender').optional().meta({ description: "The envelope's sender; <> is the null sender" }),
  to: oneOrMore('recipient'),
  subject: text('A subject').optional(),
  body: text('A body').optional(),
  eml: text('A file').optional().meta({ description: 'A message in a file beside the lab file' }),
  size: size.optional().meta({ description: 'Pad the message to about this size' }),
  count: count(1, 100_000, 'number of messages').optional(),
  every: duration.optional().meta({ description: 'Time between one message and the next' }),
  connections: count(1, 100, 'number of connections').optional(),
  spam: flag.optional().meta({ description: 'Carries GTUBE, which content filters refuse' }),
  notify: oneOrMore('notification')
    .optional()
    .meta({ description: 'RFC 3461: never, or any of success, failure, delay' }),
  ret: oneOf(['full', 'hdrs'], 'what a report returns').optional(),
  envid: text('An envelope id').optional(),
  via: hostKey
    .optional()
    .meta({ description: "Host that it is handed to; left out, the one that is final for the sender's domain" }),
  network: text('A network')
    .optional()
    .meta({ description: "Where the client stands; left out, the host's own network" }),
});

const [bytes, verb] = [keys('when', { bytes: size }), keys('when', { command: text('A command') })];

function thenAdvice(given: unknown): string {
  const { answer } = (given ?? {}) as { answer?: unknown };
  if (answer !== undefined && typeof answer !== 'string')
    return `the answer is text, not ${shown(answer)}: put it in quotes, with words behind the code, as in answer: "550 5.7.1 Not here"`;
  return 'write then: cut, then: reset, then: { answer: 451 4.3.0 Try again later } or then: { delay: 30s }';
}

export const fault = keys('fault', {
  id: text('An id').optional(),
  host: hostKey,
  when: z.union([oneOf(['final-dot'], 'a moment of a dialogue'), bytes, verb], {
    error: () => 'write when: final-dot, when: { command: RCPT } or when: { bytes: 100KB }',
  }),
  address: text('An address').optional().meta({ description: 'Only dialogues with this in a sender or recipient' }),
  then: z.union(
    [
      oneOf(['cut', 'reset'], 'what a fault does'),
      keys('then', { answer: text('A reply') }),
      keys('then', { delay: span }),
    ],
    {
      error: (issue) => thenAdvice(issue.input),
    },
  ),
  after: duration.optional(),
  for: span.optional(),
  times: count(1, 1_000_000, 'number of times').optional(),
});

/** `jump: 3d` or `jump: 2026-03-05T09:00Z`. */
const jump = z
  .string({ error: () => 'write how far, such as jump: 3d, or where to, such as jump: 2026-03-05T09:00Z' })
  .transform((given, ctx): { at: number } | { ms: number } => {
    const at = instantOf(given);
    if (at !== undefined) return { at };
    const ms = spanOf(given);
    if (ms !== undefined && ms > 0) return { ms };
    ctx.issues.push({
      code: 'custom',
      message: `\`${given}\` is not a jump within a lab's calendar: write 3d or 2026-03-05T09:00Z`,
      input: given,
    });
    return z.NEVER;
  });

const queued = keys('this step', {
  host: hostKey,
  message: text('A message').meta({ description: 'The name of a message, or all' }),
});

const acts = {
  send: send.optional(),
  spam: send.optional().meta({ description: 'As send, with spam: true' }),
  pass: span.optional(),
  until: instant.optional(),
  jump: jump.optional(),
  start: hostKey.optional(),
  stop: hostKey.optional().meta({ description: 'The daemon ends: connections are refused' }),
  crash: hostKey.optional().meta({ description: 'Dialogues are reset, then connections are refused' }),
  off: hostKey.optional().meta({ description: 'Silence: connections time out' }),
  cut: hostKey.optional().meta({ description: "The host's line: silence" }),
  mend: hostKey.optional().meta({ description: "The host's line is as new" }),
  slow: keys('slow', { host: hostKey, latency: duration.optional(), rate: size.optional() })
    .optional()
    .meta({ description: 'Extra one-way latency, and bytes per second' }),
  reset: hostKey.optional().meta({ description: 'Open dialogues are reset' }),
  'lose-replies': hostKey.optional().meta({ description: 'What its server answers is lost' }),
  fault: fault.optional(),
  'clear-fault': text('The id of a fault').optional(),
  'fill-disk': keys('fill-disk', { host: hostKey, bytes: size.optional(), leave: size.optional() }).optional(),
  'free-disk': hostKey.optional(),
  zone: keys('zone', {
    name: text('A zone'),
    text: text('The text of a zone'),
    view: text('A network').optional(),
  }).optional(),
  'dns-fault': keys('dns-fault', {
    name: text('A domain'),
    kind: oneOf(['no-answer', 'servfail', 'nxdomain', 'slow'], 'a fault of the DNS'),
    delay: span.optional(),
  }).optional(),
  'dns-mend': text('A domain').optional(),
  firewall: text('The text of a firewall').optional(),
  set: setHost.optional(),
  flush: z.union([z.string(), keys('flush', { host: hostKey, domain: text('A domain').optional() })]).optional(),
  hold: queued.optional(),
  release: queued.optional(),
  retry: queued.optional(),
  delete: queued.optional(),
};

export const actKeys = Object.keys(acts) as (keyof typeof acts)[];

const beside = {
  note: text('A note').optional(),
  'may-fail': flag
    .optional()
    .meta({ description: "True: a run in which this step can't be done is no failure for that" }),
};

export const step = keys('a step', { ...beside, ...acts }).superRefine((given, ctx) => {
  const said = actKeys.filter((key) => given[key] !== undefined);
  if (said.length === 1) return;
  const advice =
    said.length === 0
      ? 'this step does nothing: write one act, such as send, pass, off or start'
      : `a step does one thing: write ${said.map((key) => `- ${key}: ...`).join(' and ')} as steps of their own`;
  ctx.addIssue({ code: 'custom', message: advice });
});

export type SendFile = z.output<typeof send>;
export type FaultFile = z.output<typeof fault>;
export type StepFile = z.output<typeof step>;
