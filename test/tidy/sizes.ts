/**
 * How long functions and files are.
 *
 * A function's lines are its own: those of functions written within it are theirs, and are judged by themselves. So a
 * factory (`createQueue`) is not long for the verbs it returns, as a class is not for its methods; the limit on
 * files holds it.
 */
import ts from 'typescript';

export interface SizedFunction {
  name: string;
  /** Counts from 1. */
  line: number;
  ownLines: number;
}

/** All functions of a source text, the outer ones first. */
export function functionsOf(path: string, text: string): SizedFunction[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const found: SizedFunction[] = [];

  /** Returns the lines that functions directly within this node take, each line once. */
  const visit = (node: ts.Node, taken: Set<number>): void => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) {
      ts.forEachChild(node, (child) => visit(child, taken));
      return;
    }
    const [first, last] = [lineAt(node.getStart(source)), lineAt(node.getEnd())];
    const within = new Set<number>();
    const entry: SizedFunction = { name: nameOf(node), line: first + 1, ownLines: 0 };
    found.push(entry);
    ts.forEachChild(node, (child) => visit(child, within));
    entry.ownLines = last - first + 1 - within.size;
    for (let line = first; line <= last; line += 1) taken.add(line);
  };
  visit(source, new Set());
  return found;
}

function nameOf(node: ts.Node): string {
  const named = node as { name?: ts.Node; parent?: { name?: ts.Node } };
  return (named.name ?? named.parent?.name)?.getText() ?? 'a function without a name';
}

export function lineCount(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
}
