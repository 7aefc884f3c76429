/** A lab file as a whole. What the keys mean is told in docs/lab-format.md; here is their shape. */
import { z } from 'zod';
import { checkSchema } from './checks/index.ts';
import { host } from './schema-host.ts';
import { fault, step } from './schema-step.ts';
import { count, duration, instant, keys, named, oneOf, several, text } from './schema-values.ts';

const clock = keys('clock', {
  start: instant.meta({ description: 'When the lab begins: 2026-03-02T09:00Z, not before 1990' }),
  seed: count(0, 2 ** 32 - 1, 'seed')
    .optional()
    .meta({ description: 'Left out: 1. Same seed, same story' }),
});

/** `office: 192.0.2.0/24`, or with a latency of its own. */
const network = z.union([z.string(), keys('a network', { block: text('A block'), latency: duration.optional() })], {
  error: () => 'write the block of the network, such as 192.0.2.0/24',
});

/** A text for everybody, or one for each network that sees its own; `everyone` is for the rest. */
const zone = z.union([z.string(), named(z.string(), 200, 'views of a zone')], {
  error: () => 'write the text of the zone after a |, or a text for each network: { office: ..., everyone: ... }',
});

const firewall = z.union([
  z.string(),
  keys('firewall', {
    default: oneOf(['allow', 'reject', 'drop'], 'what a firewall does').optional(),
    rules: z
      .union([z.string(), z.array(z.string())], {
        error: () => 'write the rules as lines after a |, or as a list: [allow b -> a port 25]',
      })
      .optional(),
  }),
]);

const ask = keys('ask', {
  question: text('A question'),
  answers: z
    .array(text('An answer'))
    .min(2, { error: () => 'give two answers or more to choose from, or leave answers out' })
    .optional(),
  answer: text('An answer'),
  because: text('A reason').optional(),
});

const guideStep = keys('a guide step', {
  text: text('A guide step').meta({ description: 'Markdown' }),
  hint: text('A hint').optional(),
  do: several(step, 500, 'acts').optional().meta({ description: 'Script steps that "do it for me" carries out' }),
  ask: ask.optional(),
});

export const labSchema = keys('a lab', {
  title: text('The title').min(1, { error: () => 'the title is empty: write what happens, such as One MX waits' }),
  shows: text('What the lab shows').meta({ description: 'One sentence' }),
  summary: text('The summary').optional().meta({ description: 'Markdown, for catalogues' }),
  variantOf: text('The lab that this one varies').optional(),
  clock,
  networks: named(network, 200, 'networks'),
  'internet-latency': duration.optional().meta({ description: 'One way, between two networks; left out: 12ms' }),
  hosts: named(host, 500, 'hosts'),
  zones: named(zone, 2_000, 'zones').optional(),
  firewall: firewall.optional(),
  faults: several(fault, 2_000, 'faults').optional(),
  guide: several(guideStep, 500, 'steps in the guide').optional(),
  script: several(step, 5_000, 'steps in the script')
    .optional()
    .meta({ description: 'Left out: the steps of the guide, one after the other' }),
  checks: several(checkSchema, 2_000, 'checks').optional(),
});

export type LabFile = z.output<typeof labSchema>;

/** The JSON Schema of a lab file, for editors (`# yaml-language-server: $schema=...`). */
export function schemaJson(): Record<string, unknown> {
  return {
    title: 'Mail Lab lab file',
    ...z.toJSONSchema(labSchema, { io: 'input', unrepresentable: 'any', reused: 'ref' }),
  };
}
