/**
 * Records whose keys come from outside: names of mailboxes, domains, hosts. Anybody may call a mailbox `constructor` or
 * `__proto__`, so a table has no prototype: what was never put into it is not there, and every key is a key like any other.
 *
 * JSON and structured clones lose that, and keep the keys: `asTable` gives it back.
 */
declare const isTable: unique symbol;

export type Table<Value> = Record<string, Value> & { readonly [isTable]: true };

/** A table with these entries. */
export function table<Value>(entries: Readonly<Record<string, Value>> = {}): Table<Value> {
  return Object.assign(Object.create(null) as Table<Value>, entries);
}

export function tableOf<Value>(entries: Iterable<readonly [string, Value]>): Table<Value> {
  return asTable(Object.fromEntries(entries));
}

/** The same record, as a table. */
export function asTable<Value>(record: Record<string, Value>): Table<Value> {
  return Object.setPrototypeOf(record, null) as Table<Value>;
}
