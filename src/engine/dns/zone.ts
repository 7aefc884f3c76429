/**
 * Zone text in the syntax of master files (RFC 1035 §5, $TTL of RFC 2308 §4) to a zone that can be served.
 *
 * A lab's zone needs neither SOA nor NS. Without an SOA one is made up for negative answers, whose
 * minimum is 300 s, or $TTL where that is shorter: long enough to see a negative cache, short enough for a lesson.
 * A record without a TTL takes $TTL, else the TTL stated last before it, else the SOA's minimum, else one hour.
 */
import { isWithin, nameProblem, normalName, withDot } from './names.ts';
import { dataText, type ZoneRecord } from './record.ts';
import { coreCodes, DNAME, knownAs, typeOfWord, type CoreType, type OtherTypeName } from './record-types.ts';
import { checkTogether } from './zone-checks.ts';
import { newDraft, readName, reportError, reportWarning } from './zone-draft.ts';
import type { DraftRecord, ZoneDraft } from './zone-draft.ts';
import { readRdata } from './zone-rdata.ts';
import { madeUpMinimum, makeZone } from './zone-data.ts';
import type { Zone } from './zone-data.ts';
import { secondsOf, tokenize } from './zone-tokens.ts';
import type { Entry, Token, ZoneError } from './zone-tokens.ts';

export type { Zone } from './zone-data.ts';
export type { ZoneError } from './zone-tokens.ts';

const fallbackTtl = 3600;

export type ParsedZone =
  { ok: true; zone: Zone; warnings: ZoneError[] } | { ok: false; errors: ZoneError[]; warnings: ZoneError[] };

/**
 * Reads a zone's text. `name` is its origin, with or without the dot at its end; `serial` is that of the SOA which is made up where
 * there is none. All errors are told, in the order of the text.
 */
export function parseZone(text: string, name: string, serial = 1): ParsedZone {
  const draft = newDraft(normalName(name));
  const problem = nameProblem(draft.zoneName);
  if (problem !== null) reportError(draft, { line: 1, column: 1 }, `the zone's own name can't be used: ${problem}`);
  const entries = tokenize(text, (at, message) => reportError(draft, at, message));
  if (problem === null) {
    for (const entry of entries) readEntry(draft, entry);
    checkTogether(draft);
  }
  const warnings = inOrder(draft.warnings);
  if (draft.errors.length > 0) return { ok: false, errors: inOrder(draft.errors), warnings };
  return { ok: true, zone: zoneOf(draft, serial), warnings };
}

function inOrder(issues: ZoneError[]): ZoneError[] {
  const unique = new Map(issues.map((issue) => [`${issue.line} ${issue.column} ${issue.message}`, issue]));
  return [...unique.values()].sort((one, other) => one.line - other.line || one.column - other.column);
}

function readEntry(draft: ZoneDraft, entry: Entry): void {
  const [first, ...rest] = entry.tokens;
  if (!first) return;
  if (!entry.blankStart && !first.quoted && first.text.startsWith('$')) {
    readDirective(draft, first, rest);
    return;
  }
  if (entry.blankStart) {
    if (draft.owner === null) {
      reportError(
        draft,
        first,
        'the line begins with a blank, and there is no name before it to go with: write @ or a name at its start',
      );
      draft.owner = 'unreadable';
    }
    readRecord(draft, first, entry.tokens);
    return;
  }
  if (startsWithType(entry.tokens, draft.zoneName)) {
    const type = typeOf(first);
    reportError(
      draft,
      first,
      `a line starts with a name, and ${type} is a type: write \`@ ${type} ...\`, or a blank before it for the name above`,
    );
    draft.owner = 'unreadable';
    return;
  }
  const name = readName(draft, first);
  draft.owner = name === null ? 'unreadable' : { name };
  if (name !== null && !isWithin(name, draft.zoneName)) {
    reportError(
      draft,
      first,
      `${withDot(name)} is outside the zone ${withDot(draft.zoneName)}: write it in a zone of its own`,
    );
    draft.owner = 'unreadable';
  }
  readRecord(draft, first, rest);
}

function readDirective(draft: ZoneDraft, directive: Token, args: Token[]): void {
  const [arg, extra] = args;
  const word = directive.text.toUpperCase();
  if (word !== '$TTL' && word !== '$ORIGIN') {
    const known = word === '$INCLUDE' ? "a lab's zone is one text: write the records here" : 'write $TTL or $ORIGIN';
    reportError(draft, directive, `${directive.text} is not known here: ${known}`);
  } else if (!arg) {
    reportError(
      draft,
      directive,
      `${word} needs a value: write \`${word === '$TTL' ? '$TTL 1h' : '$ORIGIN example.test.'}\``,
    );
  } else if (extra) {
    reportError(draft, extra, `\`${extra.text}\` is too much: ${word} has one value. Write ; before a comment`);
  } else if (word === '$TTL') {
    const seconds = secondsOf(arg.text);
    if (seconds === null)
      reportError(draft, arg, `\`${arg.text}\` is no time: write seconds, or like 1h, 2d, 1w, 30m, 45s`);
    else draft.defaultTtl = seconds;
  } else {
    draft.origin = readName(draft, arg) ?? draft.origin;
  }
}

/** `MX 10 a` at the start of a line: the name was forgotten. But hosts may be called `a` or `mx`: `a 1h A 192.0.2.10`. */
function startsWithType(tokens: Token[], zoneName: string): boolean {
  const [first, ...rest] = tokens;
  const type = typeOf(first);
  if (!first || type === null) return false;
  const index = rest.findIndex((token) => token.quoted || !/^(\d.*|IN)$/i.test(token.text));
  const hasTypeAndData = typeOf(rest[index]) !== null && index < rest.length - 1;
  return !hasTypeAndData && readRdata(newDraft(zoneName), type, first, rest) !== null;
}

/** TTL and class in either order, then the type and its data. Errors about the whole record point at `at`. */
function readRecord(draft: ZoneDraft, at: Token, tokens: Token[]): void {
  const rest = [...tokens];
  let stated: number | null = null;
  let hasTtl = false;
  let hasClass = false;
  for (let token = rest[0]; token && !token.quoted; token = rest[0]) {
    if (!hasTtl && /^\d/.test(token.text)) {
      stated = secondsOf(token.text);
      hasTtl = true;
      if (stated === null)
        reportError(draft, token, `\`${token.text}\` is no time to live: write seconds, or like 1h, 2d, 1w, 30m, 45s`);
    } else if (!hasClass && /^(IN|CH|HS|CS)$/i.test(token.text)) {
      hasClass = true;
      if (token.text.toUpperCase() !== 'IN')
        reportError(draft, token, `the class ${token.text} is not served here: write IN, or nothing`);
    } else {
      break;
    }
    rest.shift();
  }
  if (stated !== null) draft.lastTtl = stated;
  const [type, ...args] = rest;
  if (!type) {
    reportError(draft, tokens.at(-1) ?? at, 'the record has no type and no data: write it like `a A 192.0.2.10`');
    return;
  }
  const recordType = typeOf(type);
  if (recordType === null) {
    reportError(
      draft,
      type,
      `\`${type.text}\` is not a record type: write one such as ${Object.keys(coreCodes)
        .filter((name) => !['MD', 'MF'].includes(name))
        .join(', ')}, or TYPE and its number (RFC 3597)`,
    );
    return;
  }
  const rdata = readRdata(draft, recordType, type, args);
  if (rdata === null || draft.owner === null || draft.owner === 'unreadable') return;
  noteOther(draft, type, rdata.type);
  const target = 'target' in rdata && args[0]?.text !== '\\#' ? (args.at(-1) ?? null) : null;
  draft.types.add(rdata.type);
  draft.records.push({
    name: draft.owner.name,
    ttl: stated ?? draft.defaultTtl ?? draft.lastTtl,
    rdata,
    owner: at,
    target,
  });
}

function typeOf(token: Token | undefined): CoreType | OtherTypeName | null {
  return !token || token.quoted ? null : typeOfWord(token.text);
}

/** Said once for each type: who puts an SRV record here must not wait for mail to follow it. */
function noteOther(draft: ZoneDraft, at: Token, type: CoreType | OtherTypeName): void {
  if (Object.hasOwn(coreCodes, type) || type === DNAME || draft.types.has(type)) return;
  reportWarning(
    draft,
    at,
    `${knownAs(type)} records are served but have no effect here: no host in a lab asks for them`,
  );
}

function zoneOf(draft: ZoneDraft, serial: number): Zone {
  const soa = draft.records.find((record) => record.rdata.type === 'SOA');
  const missingTtl = soa?.rdata.type === 'SOA' ? soa.rdata.soa.minimum : fallbackTtl;
  // RFC 2181 §5.2: the records of a set have one TTL; of several the lowest.
  const ttls = new Map<string, number>();
  for (const { name, ttl, rdata } of draft.records) {
    const key = `${name} ${rdata.type}`;
    ttls.set(key, Math.min(ttls.get(key) ?? Infinity, ttl ?? missingTtl));
  }
  const records = withoutDoubles(draft.records).map(({ name, rdata, owner }): ZoneRecord => ({
    name,
    ttl: ttls.get(`${name} ${rdata.type}`) ?? missingTtl,
    rdata,
    line: owner.line,
  }));
  return makeZone(draft.zoneName, records, {
    minimum: Math.min(draft.defaultTtl ?? madeUpMinimum, madeUpMinimum),
    serial,
  });
}

function withoutDoubles(records: DraftRecord[]): DraftRecord[] {
  const keyOf = (record: DraftRecord) => `${record.name} ${record.rdata.type} ${dataText(record.rdata)}`;
  const seen = new Set<string>();
  return records.filter((record) => !seen.has(keyOf(record)) && seen.add(keyOf(record)));
}
