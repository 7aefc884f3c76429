/**
 * The firewall's rules as text that a person writes, and back. Pure.
 *
 *     # comment
 *     allow b -> a port 25
 *     drop internet -> office port 25
 *     reject any -> 192.0.2.10
 *     default allow
 *
 * One rule a line, the first that matches wins. A side is `any`, a host, a network, an address or a block (CIDR).
 * Without `port` a rule is for every port; without `default` what no rule matches is allowed.
 */
import type { FirewallAction, FirewallRule } from '../../contract/model.ts';
import { parseAddress, parseBlock } from './cidr.ts';
import { table } from '../../contract/table.ts';

/** A rule without the counts of its hits. */
export type FirewallLine = Pick<FirewallRule, 'action' | 'source' | 'target' | 'port'>;
/** Line and column count from 1. */
export interface TextError {
  line: number;
  column: number;
  message: string;
}
export type ParsedFirewall =
  { ok: true; rules: FirewallLine[]; fallback: FirewallAction } | { ok: false; errors: TextError[] };

interface Word {
  text: string;
  column: number;
}

const ACTIONS: readonly string[] = ['allow', 'reject', 'drop'] satisfies FirewallAction[];

/** Words of other firewalls, and what they are called here. */
const MEANT = table({
  accept: 'allow',
  pass: 'allow',
  permit: 'allow',
  block: 'drop" or "reject',
  deny: 'drop" or "reject',
  refuse: 'reject',
  policy: 'default',
});
const SERVICES = table({ smtp: 25, dns: 53, domain: 53, pop3: 110, submission: 587 });

/** Ends the reading of a line; becomes its error. */
class LineProblem extends Error {
  readonly column: number;
  constructor(column: number, message: string) {
    super(message);
    this.column = column;
  }
}

/**
 * Reads rules. All lines are looked at, so that all errors come at once. `known`: the keys of hosts and networks;
 * when given, other names are errors.
 */
export function parseFirewall(text: string, known: readonly string[] | null = null): ParsedFirewall {
  const rules: FirewallLine[] = [];
  const errors: TextError[] = [];
  let fallback: { action: FirewallAction; line: number } | null = null;
  for (const [i, lineText] of text.split(/\r?\n/).entries()) {
    const words = wordsOf(lineText);
    const [first] = words;
    if (first === undefined) continue;
    try {
      if (first.text.toLowerCase() !== 'default') {
        rules.push(ruleOf(words, lineText, known));
        continue;
      }
      if (fallback !== null) {
        fail(first, `line ${fallback.line} has a default already: keep one of them`);
      }
      fallback = { action: defaultOf(words, lineText), line: i + 1 };
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      errors.push({ line: i + 1, column: error.column, message: error.message });
    }
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, rules, fallback: fallback?.action ?? 'allow' };
}

function wordsOf(line: string): Word[] {
  const code = line.replace(/#.*$/, '');
  // An arrow is a word of its own even without spaces around it; a name may have a dash inside.
  return [...code.matchAll(/->|(?:(?!->)\S)+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
}

function ruleOf(words: Word[], line: string, known: readonly string[] | null): FirewallLine {
  const end = endOf(line);
  const at = (i: number): Word => words[i] ?? end;
  const action = actionOf(at(0));
  const source = sideOf(at(1), 'source', known);
  if (at(2).text !== '->')
    fail(at(2), `${found(at(2))}: write "->" between source and target, as in "${action} b -> a"`);
  const target = sideOf(at(3), 'target', known);
  if (words.length === 4) return { action, source, target, port: 'any' };
  if (at(4).text.toLowerCase() !== 'port')
    fail(at(4), `${found(at(4))}: after the target only "port 25" (any number) may follow`);
  const port = portOf(at(5));
  if (words.length > 6)
    fail(at(6), `${found(at(6))} after the port: write one port a rule, and each rule on a line of its own`);
  return { action, source, target, port };
}

function defaultOf(words: Word[], line: string): FirewallAction {
  const [, second, third] = words;
  if (second === undefined) {
    return fail(endOf(line), 'default needs an action: write "default allow", "default reject" or "default drop"');
  }
  const action = actionOf(second, 'default ');
  if (third !== undefined)
    fail(third, `${found(third)} after the default: write "default ${action}" alone on its line`);
  return action;
}

function actionOf(word: Word, before = ''): FirewallAction {
  const action = ACTIONS.find((one) => one === word.text.toLowerCase());
  if (action !== undefined) return action as FirewallAction;
  const meant = MEANT[word.text.toLowerCase()];
  const advice =
    meant === undefined
      ? `write "${before}allow", "${before}reject" (answers at once) or "${before}drop" (silence)`
      : `write "${meant}" instead`;
  return fail(word, `${found(word)} is not an action: ${advice}`);
}

function sideOf(word: Word, side: 'source' | 'target', known: readonly string[] | null): string {
  const { text } = word;
  const advice = 'write "any", a host, a network, an address or a block such as 192.0.2.0/24';
  if (text === '' || text === '->') fail(word, `the ${side} is missing: ${advice}`);
  if (text.toLowerCase() === 'any') return 'any';
  if (known?.includes(text)) return text;
  if (/[/:]/.test(text) || /^[\d.]+$/.test(text)) {
    const read = parseBlock(text);
    if (read.ok) return text;
    const [host = '', port] = text.split(/:(?=\d+$)/);
    const isGlued = port !== undefined && parseAddress(host) !== null;
    fail(
      word,
      isGlued ? `"${text}" has a port in it: write "${host}" here and "port ${port}" at the end` : read.message,
    );
  }
  if (!/^[A-Za-z0-9_][\w.-]*$/.test(text)) fail(word, `"${text}" is no ${side}: ${advice}; one ${side} a rule`);
  if (known !== null) fail(word, `no host or network is called "${text}": ${advice}; there are ${known.join(', ')}`);
  return text;
}

function portOf(word: Word): number | 'any' {
  const { text } = word;
  if (text.toLowerCase() === 'any') return 'any';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  const service = SERVICES[text.toLowerCase()];
  const advice = service === undefined ? 'write one number from 1 to 65535, or "any"' : `write "port ${service}"`;
  return fail(word, text === '' ? `the port is missing: ${advice}` : `"${text}" is not a port: ${advice}`);
}

/** Where a line ends, as a word of nothing, for what is missing. */
function endOf(line: string): Word {
  return { text: '', column: line.replace(/#.*$/, '').trimEnd().length + 1 };
}

function fail(word: Word, message: string): never {
  throw new LineProblem(word.column, message);
}

function found(word: Word): string {
  return word.text === '' ? 'the line ends here' : `"${word.text}"`;
}
