/** What names, ids and times are called, so that two servers' words can be held against each other. */

const QUEUE_ID = /\b(?=[0-9A-F]*\d)[0-9A-F]{10,12}\b/g;
const DATE = /[A-Z][a-z]{2}, +\d+ [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000 \(UTC\)/g;

/** Ids, dates and the names of programs as one word each. Two that differ in these only become equal. */
export function plain(text: string): string {
  return text
    .replace(/<\d{14}\.[^@>]+@([^>]+)>/g, '<ID@$1>')
    .replace(/: queued as \w+/g, '') // a reply's own words
    .replace(/[0-9A-F]{10,12}\.\d{10}\//g, 'ID.SECONDS/')
    .replace(QUEUE_ID, 'ID')
    .replace(DATE, 'DATE')
    .replace(/\bX-(Postfix|MailLab)/g, 'X-Own')
    .replace(/\((Postfix|Mail Lab)\)/g, '(Own)')
    .replace(/ESMTP (Postfix|Mail Lab)/g, 'ESMTP Own')
    .replace('delivered to maildir', 'delivered to mailbox')
    .replace(/size=\d+/g, 'size=N')
    .replace(/ SIZE=\d{2,4}$/, ' SIZE=N');
}

/** A thing to compare: items with equal keys, in order, stand for each other. */
export interface Item {
  key: string;
  value: string;
}

export interface Pair {
  key: string;
  recorded: string | null;
  lab: string | null;
}

/** Pairs items by key, keeping both orders: the longest common run of keys; what has no partner stands alone. */
export function aligned(recorded: Item[], lab: Item[]): Pair[] {
  const length = Array.from({ length: recorded.length + 1 }, () => new Array<number>(lab.length + 1).fill(0));
  for (let i = recorded.length - 1; i >= 0; i -= 1) {
    for (let j = lab.length - 1; j >= 0; j -= 1) {
      const same = recorded[i]!.key === lab[j]!.key;
      length[i]![j] = same ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
    }
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < recorded.length || j < lab.length) {
    const [one, other] = [recorded[i], lab[j]];
    if (one !== undefined && other !== undefined && one.key === other.key) {
      pairs.push({ key: one.key, recorded: one.value, lab: other.value });
      [i, j] = [i + 1, j + 1];
    } else if (other === undefined || (one !== undefined && length[i + 1]![j]! >= length[i]![j + 1]!)) {
      pairs.push({ key: one!.key, recorded: one!.value, lab: null });
      i += 1;
    } else {
      pairs.push({ key: other.key, recorded: null, lab: other.value });
      j += 1;
    }
  }
  return pairs;
}
