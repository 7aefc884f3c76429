/** What can only be seen when all records of a zone are known: records that must not, or should not, stand together. */
import { ipv4Octets } from './address.ts';
import { isWithin, parentName, withDot } from './names.ts';
import { dataText } from './record.ts';
import { DNAME, knownAs } from './record-types.ts';
import type { DraftRecord, ZoneDraft } from './zone-draft.ts';
import { missesDot, reportError, reportWarning } from './zone-draft.ts';
import type { Token } from './zone-tokens.ts';

/** So many records of one type at a name: an answer with many more would not fit into a message (64 KB, RFC 1035 §4.2.2). */
const SET_RECORDS_MAX = 1_000;

/** Adds errors and warnings about records together: CNAME and SOA rules, MX targets, doubles. */
export function checkTogether(draft: ZoneDraft): void {
  const byName = Map.groupBy(draft.records, (record) => record.name);
  for (const records of byName.values()) {
    checkCname(draft, records);
    checkSets(draft, records);
  }
  checkSoa(draft);
  checkDname(draft);
  const kinds = new Map([...byName].map(([name, records]) => [name, kindsOf(records)]));
  for (const record of draft.records) checkTarget(draft, kinds, record);
}

/** RFC 1034 §3.6.2: a CNAME stands alone. The zone's own name always has an SOA, so it can't be an alias. */
function checkCname(draft: ZoneDraft, records: DraftRecord[]): void {
  const aliases = records.filter((record) => record.rdata.type === 'CNAME');
  const [first, second] = aliases;
  if (!first) return;
  const name = withDot(first.name);
  const other = records.find((record) => record.rdata.type !== 'CNAME');
  if (other) {
    reportError(
      draft,
      first.owner,
      `${name} has a CNAME beside ${knownAs(other.rdata.type)} (line ${other.owner.line}): an alias has no other data. Take one of them away`,
    );
  } else if (first.name === draft.zoneName) {
    reportError(
      draft,
      first.owner,
      `${name} is the zone's own name, which always has an SOA record: it can't be an alias. Write its MX or A records here`,
    );
  }
  if (second && dataText(second.rdata) !== dataText(first.rdata)) {
    reportError(draft, second.owner, `${name} has a second CNAME: an alias stands for one name. Keep one of them`);
  }
}

/** Doubles, and one set of records with different TTLs (RFC 2181 §5.2), are served, but are seldom meant. */
function checkSets(draft: ZoneDraft, records: DraftRecord[]): void {
  const seen = new Map<string, DraftRecord>();
  const ttls = new Map<string, DraftRecord>();
  const counts = new Map<string, number>();
  for (const record of records) {
    const count = (counts.get(record.rdata.type) ?? 0) + 1;
    counts.set(record.rdata.type, count);
    if (count === SET_RECORDS_MAX + 1)
      reportError(
        draft,
        record.owner,
        `${withDot(record.name)} has more than ${SET_RECORDS_MAX} ${knownAs(record.rdata.type)} records: an answer with all of them would be too large. Leave some out`,
      );
    const key = `${record.rdata.type} ${dataText(record.rdata)}`;
    const double = seen.get(key);
    if (double)
      reportWarning(draft, record.owner, `the same record stands in line ${double.owner.line}: it counts once`);
    seen.set(key, record);
    const first = ttls.get(record.rdata.type) ?? record;
    ttls.set(record.rdata.type, first);
    if (first.ttl !== record.ttl) {
      const set = `the ${knownAs(record.rdata.type)} records of ${withDot(record.name)}`;
      reportWarning(
        draft,
        record.owner,
        `${set} have different TTLs (line ${first.owner.line}): the shortest is taken for all. Write the same for each`,
      );
    }
  }
}

function checkSoa(draft: ZoneDraft): void {
  const soas = draft.records.filter((record) => record.rdata.type === 'SOA');
  for (const [index, record] of soas.entries()) {
    if (record.name !== draft.zoneName) {
      reportError(
        draft,
        record.owner,
        `the SOA record belongs to the zone's own name, ${withDot(draft.zoneName)}: write \`@ SOA ...\``,
      );
    } else if (index > 0) {
      reportError(draft, record.owner, 'a zone has one SOA record: take this one away');
    }
  }
}

/** RFC 6672 §2.4: a DNAME takes the place of all that is below it. */
function checkDname(draft: ZoneDraft): void {
  const owners = new Set(draft.records.filter(({ rdata }) => rdata.type === DNAME).map(({ name }) => name));
  for (const record of owners.size === 0 ? [] : draft.records) {
    const above = highestAbove(record.name, owners);
    if (above !== null)
      reportWarning(
        draft,
        record.owner,
        `${withDot(record.name)} lies below ${withDot(above)}, whose DNAME replaces all names there: this record is never served`,
      );
  }
}

/** Of the names above this one that are among these, the highest, or null. */
function highestAbove(name: string, among: ReadonlySet<string>): string | null {
  let highest: string | null = null;
  for (let above = parentName(name); above !== null; above = parentName(above)) if (among.has(above)) highest = above;
  return highest;
}

/** What the records of one name are, as far as whoever points to it, or takes no mail, wants to know: asked for each record, and found once. */
interface Kinds {
  alias: boolean;
  address: boolean;
  takesMail: boolean;
}

const kindsOf = (records: readonly DraftRecord[]): Kinds => ({
  alias: records.some(({ rdata }) => rdata.type === 'CNAME'),
  address: records.some(({ rdata }) => rdata.type === 'A' || rdata.type === 'AAAA'),
  takesMail: records.some(({ rdata }) => rdata.type === 'MX' && rdata.target !== ''),
});

function checkTarget(draft: ZoneDraft, kinds: Map<string, Kinds>, record: DraftRecord): void {
  const { rdata, target } = record;
  if (!target || (rdata.type !== 'MX' && rdata.type !== 'MD' && rdata.type !== 'MF')) return;
  if (rdata.target === '') {
    checkNullMx(draft, kinds.get(record.name)?.takesMail ?? false, record, target);
  } else if (isLiteral(target)) {
    reportWarning(
      draft,
      target,
      `${rdata.type} wants a name, and ${target.text} is read as \`${withDot(rdata.target)}\`: write the name of a host with an A record`,
    );
  } else if (isWithin(rdata.target, draft.zoneName) && !missesDot(draft, target, rdata.target)) {
    checkHost(draft, kinds.get(rdata.target), rdata, target);
  }
}

function checkHost(
  draft: ZoneDraft,
  host: Kinds | undefined,
  rdata: { type: string; target: string },
  target: Token,
): void {
  const name = withDot(rdata.target);
  if (host?.alias) {
    reportWarning(
      draft,
      target,
      `${rdata.type} points to ${name}, which is an alias (RFC 2181 §10.3 forbids it): write the name that the CNAME stands for`,
    );
  } else if (!host?.address) {
    reportWarning(
      draft,
      target,
      `${rdata.type} points to ${name}, which has no address in this zone: write \`${name} A 192.0.2.10\` with the host's address`,
    );
  }
}

/** RFC 7505 §3: the null MX stands alone, with preference 0. */
function checkNullMx(draft: ZoneDraft, takesMail: boolean, record: DraftRecord, target: Token): void {
  if (record.rdata.type !== 'MX') return;
  if (takesMail) {
    reportWarning(
      draft,
      target,
      '`MX 0 .` says that the domain takes no mail, beside another MX that takes it: keep one of them',
    );
  } else if (record.rdata.preference !== 0) {
    reportWarning(draft, target, 'a domain that takes no mail says so with preference 0: write `MX 0 .`');
  }
}

function isLiteral(target: Token): boolean {
  return ipv4Octets(target.text.replace(/\.$/, '')) !== null;
}
