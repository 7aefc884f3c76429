/**
 * A record that is asked for a name from outside answers `constructor` with a function, and takes `__proto__` for its
 * prototype. So what is looked up by a key that is not spelled out is a Table (src/contract/table.ts), a Map or an array.
 */
import ts from 'typescript';

/** Are all values of this type spelled out in the source? */
function isSpelledOut(type) {
  if (type.isUnion()) return type.types.every(isSpelledOut);
  return (
    (type.flags &
      (ts.TypeFlags.StringLiteral | ts.TypeFlags.NumberLike | ts.TypeFlags.ESSymbolLike | ts.TypeFlags.Never)) !==
    0
  );
}

const isTable = (type) => type.getProperties().some(({ name }) => name.startsWith('__@isTable'));

export const noBareLookup = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      bare: 'A name from outside may be `constructor` or `__proto__`: look it up in a table() of contract/table.ts, or in a Map.',
      spread: 'Spread out, a table is a plain object that only says it is a table: write table(it).',
    },
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const typeOf = (node) => checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node));
    const isBare = (object) => {
      const type = checker.getNonNullableType(checker.getApparentType(typeOf(object)));
      return (type.isUnion() ? type.types : [type]).some(
        (part) => checker.getIndexInfoOfType(part, ts.IndexKind.String) !== undefined && !isTable(part),
      );
    };
    return {
      MemberExpression({ computed, object, property }) {
        if (computed && !isSpelledOut(typeOf(property)) && isBare(object))
          context.report({ node: property, messageId: 'bare' });
      },
      'ObjectExpression > SpreadElement'({ argument }) {
        if (isTable(typeOf(argument))) context.report({ node: argument, messageId: 'spread' });
      },
      BinaryExpression({ operator, left, right }) {
        if (operator === 'in' && !isSpelledOut(typeOf(left)) && isBare(right))
          context.report({ node: left, messageId: 'bare' });
      },
    };
  },
};
