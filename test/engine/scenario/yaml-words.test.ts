/** Text that YAML takes for something else: what is said of it, and what is no trouble. */
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../../src/engine/scenario/index.ts';
import { WORLD } from './story.ts';

describe('what YAML takes for something else', () => {
  const inFlow = (text: string) =>
    errorsIn(`${WORLD}faults:\n  - { host: a, when: { command: MAIL }, then: { answer: ${text} }, times: 3 }\n`);
  const inBlock = (text: string) =>
    errorsIn(
      `${WORLD}  - send:\n      from: carol@elsewhere.test\n      to: alice@theorganisation.test\n      subject: ${text}\n`,
    );
  const errorsIn = (text: string): string => {
    const loaded = loadScenario(text, 'world.yaml');
    return loaded.ok ? '' : loaded.errors.map(({ message }) => message).join('\n');
  };
  it.each([
    [
      inFlow,
      '421 4.7.0 Too many connections, slow down',
      'put it all in quotes: answer: "421 4.7.0 Too many connections, slow down"',
    ],
    [inFlow, '421 4.7.0 Too many, slow: down', 'put it all in quotes: answer: "421 4.7.0 Too many, slow: down"'],
    [inFlow, '550 5.1.1 <x@b.test>: no such user', 'put the text in quotes, as "550 5.1.1 <x@b.test>: no such user"'],
    [
      inBlock,
      'Re: minutes',
      'put the text in quotes, as "Re: minutes", or write a key that is meant on a line of its own',
    ],
    [inFlow, '450 try #2 later', 'or put the text before it in quotes, where a # after a blank belongs to it'],
    [inFlow, '450 [busy] later', 'a text ends before [: put the text in quotes'],
    [inFlow, '450 {busy}', 'a text ends before {: put the text in quotes'],
    [
      inBlock,
      '*urgent*',
      '`*urgent*` stands for what is called &urgent* elsewhere, and nothing is: if it is text, put it in quotes',
    ],
    [inBlock, '&urgent', '`&urgent` names what follows it, and nothing does: if it is text, put it in quotes'],
    [inBlock, '!urgent', 'a ! before a word makes it a tag, and a lab file has none: if it is text, put it in quotes'],
    [inBlock, '@alice', "a text can't begin with @ in YAML: put it in quotes"],
    [inBlock, '- minutes', 'a - and a space start a list entry: if the text begins with them, put it in quotes'],
    [inBlock, '"minutes" again', 'the quoted text ends before this: put all of it in quotes, or none of it'],
    [inBlock, '"minutes \\q"', 'a \\ starts an escape: write \\\\ for a backslash'],
    [inBlock, '2026', 'A subject is text, not 2026: put it in quotes'],
    [inBlock, 'true', 'A subject is text, not true: put it in quotes'],
    [inBlock, 'null', 'A subject is text, not null: put it in quotes'],
    [inFlow, '550', 'the answer is text, not 550: put it in quotes, with words behind the code'],
  ])('%# is told to be put in quotes', (errors, text, advice) => {
    const said = errors(text);
    expect(said).toContain(advice);
    expect(said.split('\n')).toHaveLength(1);
  });

  it.each(['off', 'yes', 'no', 'on', '<>', "don't", '"off"', '12:30', 'a#b'])('%s is text', (text) =>
    expect(inBlock(text)).toBe(''),
  );

  it('is noted where a # cuts a text short and stands right before a word', () => {
    const noted = (comment: string): string[] => {
      const loaded = loadScenario(
        `${WORLD}  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test }\n    note: Case ${comment}\n`,
        'world.yaml',
      );
      return loaded.ok ? loaded.notes.map(({ message }) => message) : ['errors'];
    };
    expect(noted('#5 of many')).toEqual([
      'the text ends before #5 of many, because a # after a space starts a comment: if that belongs to the text, put it in quotes',
    ]);
    expect(noted('# the fifth')).toEqual([]);
  });
});
