/**
 * What surprises people in YAML, in words that say what to write: most of it is text that YAML takes for something else, and quotes mend it.
 * Pure; `text` is the whole file, `at` the place in it.
 */
import { isAlias, isMap, isPair, isScalar, visit, type Document, type Node } from 'yaml';
import { shown } from './schema-values.ts';
import { table } from '../../contract/table.ts';

export interface Found {
  at: number;
  message: string;
}

const FIXED = table<string>({
  TAB_AS_INDENT: 'YAML takes no tabs at the start of a line: write spaces',
  BAD_INDENT: 'this line is indented too little or too much: begin it under its neighbours, with spaces',
  BAD_DQ_ESCAPE: 'within "..." a \\ starts an escape: write \\\\ for a backslash, or put the text in \'...\'',
});

/** The parser's own words are kept where they help. */
export function yamlWords({ code, message, at }: { code: string; message: string; at: number }, text: string): string {
  if (/^Flow (map|sequence)/.test(message))
    return `a { or [ before this is not closed: write } or ] where it ends${commentBefore(text, at)}`;
  if (code === 'BLOCK_IN_FLOW' || code === 'BLOCK_AS_IMPLICIT_KEY')
    return colonWords(text, at, code === 'BLOCK_IN_FLOW');
  if (/^Unexpected flow-(seq|map)-start at node end/.test(message))
    return `within { } and [ ] a text ends before ${text[at]}: put the text in quotes, if ${text[at]} belongs to it`;
  if (message === 'Unexpected scalar at node end')
    return 'the quoted text ends before this: put all of it in quotes, or none of it';
  if (message.startsWith('Plain value cannot start with'))
    return `a text can't begin with ${text[at]} in YAML: put it in quotes`;
  if (/^Unexpected block-seq-ind/.test(message))
    return 'a - and a space start a list entry: if the text begins with them, put it in quotes';
  return FIXED[code] ?? `this is no YAML: ${message}`;
}

/** A ` #` on the line that was still open takes all behind it for a comment, a } too. */
function commentBefore(text: string, at: number): string {
  const line = text.slice(0, at).trimEnd().split('\n').at(-1) ?? '';
  return /\s#\S/.test(line)
    ? '; or put the text before it in quotes, where a # after a blank belongs to it and begins no comment'
    : '';
}

/** `answer: 550 5.1.1 <x@y.test>: no such user` */
function colonWords(text: string, at: number, inFlow: boolean): string {
  const line = text.slice(at, text.indexOf('\n', at) < 0 ? undefined : text.indexOf('\n', at));
  const whole = inFlow ? line.replace(/\s*[}\]].*$/, '') : line.replace(/\s+#.*$/, '').trimEnd();
  if (/^[-?] /.test(whole))
    return 'text that begins with - or ? and a space means something else in YAML: put it in quotes';
  return `a colon and a space inside text mean something else in YAML: put the text in quotes, as ${quoted(whole)}${inFlow ? '' : ', or write a key that is meant on a line of its own'}`;
}

/** Of a key that nobody knows: a comma within { } may have ended the text before it. '' when that can't be. */
export function commaWords(parent: Node | undefined, key: string, text: string): string {
  if (!isMap(parent) || parent.flow !== true) return '';
  const index = parent.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  const [before, pair] = [parent.items[index - 1], parent.items[index]];
  const end =
    isPair(pair) && isScalar(pair.value) && pair.value.value !== null
      ? pair.value.range?.[1]
      : isScalar(pair?.key)
        ? pair.key.range?.[1]
        : undefined;
  if (!isScalar(before?.value) || before.value.type !== 'PLAIN' || !isScalar(before.key) || end === undefined)
    return '';
  const whole = text.slice(before.value.range![0], end);
  return ` Within { } a comma ends a text: if this belongs to \`${shown(before.value.value)}\`, put it all in quotes: ${String(before.key.value)}: ${quoted(whole)}`;
}

const quoted = (text: string): string =>
  text.length > 120
    ? '"..."'
    : text.includes('"') || text.includes('\\')
      ? `'${text.replaceAll("'", "''")}'`
      : `"${text}"`;

/** Signs that mean something to YAML where text was meant: `*x`, `&x`, `!x`. */
export function signs(document: Document.Parsed): Found[] {
  const found: Found[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Alias(_key, node) {
      if (!anchors.has(node.source))
        found.push({
          at: node.range![0],
          message: `\`*${node.source}\` stands for what is called &${node.source} elsewhere, and nothing is: if it is text, put it in quotes`,
        });
    },
    Value(_key, node) {
      if (isAlias(node) || node.anchor === undefined) return;
      anchors.add(node.anchor);
      if (isScalar(node) && (node.source ?? '') === '')
        found.push({
          at: node.range![0],
          message: `\`&${node.anchor}\` names what follows it, and nothing does: if it is text, put it in quotes`,
        });
    },
  });
  const tags = document.warnings
    .filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
    .map(({ pos }) => ({
      at: pos[0],
      message: 'a ! before a word makes it a tag, and a lab file has none: if it is text, put it in quotes',
    }));
  return [...found, ...tags];
}

/** Text that ends where a # was taken for a comment, though it stands right before a word. */
export function cutByComment(document: Document.Parsed): Found[] {
  const found: Found[] = [];
  visit(document, {
    Scalar(_key, node) {
      const { comment } = node;
      if (node.type !== 'PLAIN' || !comment || /^\s/.test(comment)) return;
      found.push({
        at: node.range![0],
        message: `the text ends before #${shown(comment)}, because a # after a space starts a comment: if that belongs to the text, put it in quotes`,
      });
    },
  });
  return found;
}
