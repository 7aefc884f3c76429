/**
 * What a YAML text must not be, whatever it says: nested without end, which readers answer with a full stack or never; or with a key
 * twice in one place. Both are found in linear time and without recursion, as a lab file may be anybody's. Pure.
 */
import { CST, isCollection, isMap, isNode, isPair, isScalar, Lexer, type Document } from 'yaml';

/** Far beyond what a lab needs. */
const DEPTH_MAX = 64;
const INDENT_MAX = 400;

/** Offset of the place at which a text nests deeper than any lab; null: nowhere. */
export function nestingTrouble(text: string): number | null {
  let [offset, flow, inLine, indent] = [0, 0, 0, 0];
  let isLineStart = true;
  for (const source of new Lexer().lex(text)) {
    const type = CST.tokenType(source);
    if (type === 'doc-mode' || type === 'flow-error-end' || source === CST.SCALAR) continue; // marks of the lexer, and no text
    if (type === 'newline') [inLine, indent, isLineStart] = [0, 0, true];
    else if (type === 'space' && isLineStart) indent = source.includes('\n') ? 0 : source.length;
    if (type === 'flow-map-start' || type === 'flow-seq-start') flow += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') flow -= 1;
    if (type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'tag') inLine += 1;
    if (type !== 'newline' && type !== 'space') isLineStart = false;
    if (
      flow > DEPTH_MAX ||
      inLine > DEPTH_MAX ||
      (inLine > 0 && indent > INDENT_MAX) ||
      (type === 'map-value-ind' && indent > INDENT_MAX)
    )
      return offset;
    offset += source.length;
  }
  return null;
}

export interface KeyTrouble {
  offset: number;
  key: string;
  trouble: 'twice' | 'proto';
}

/** Keys that stand in one map for the second time, and the one key that no map can have. */
export function keyTroubles(document: Document): KeyTrouble[] {
  const found: KeyTrouble[] = [];
  const waiting: unknown[] = [document.contents];
  for (let node = waiting.pop(); waiting.length > 0 || node !== undefined; node = waiting.pop()) {
    if (!isCollection(node)) continue;
    const seen = new Set<string>();
    for (const item of node.items) {
      if (!isPair(item)) {
        waiting.push(item);
        continue;
      }
      waiting.push(item.key, item.value);
      if (!isMap(node) || !isScalar(item.key)) continue;
      const key = String(item.key.value);
      const offset = isNode(item.key) ? (item.key.range?.[0] ?? 0) : 0;
      if (seen.has(key)) found.push({ offset, key, trouble: 'twice' });
      if (key === '__proto__') found.push({ offset, key, trouble: 'proto' });
      seen.add(key);
    }
  }
  return found;
}
