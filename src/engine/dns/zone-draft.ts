/** A zone while its text is being read: what is known so far, and how a word becomes a name. */
import { asNormal, endsWithDot, isWithin, nameProblem, normalName, withDot } from './names.ts';
import type { Rdata } from './record.ts';
import type { Token, ZoneError } from './zone-tokens.ts';

export interface DraftRecord {
  name: string;
  /** Seconds; null: none was stated, the zone's SOA will tell. */
  ttl: number | null;
  rdata: Rdata;
  owner: Token;
  /** The word that names the target, where the type has one that hosts follow. */
  target: Token | null;
}

export interface ZoneDraft {
  zoneName: string;
  origin: string;
  /** Name of the record before; null: there is none; 'unreadable': there is, and its error was told. */
  owner: { name: string } | 'unreadable' | null;
  /** $TTL, seconds. */
  defaultTtl: number | null;
  /** The TTL that a record stated last: the rule from before $TTL (RFC 1035 §5.1). */
  lastTtl: number | null;
  records: DraftRecord[];
  /** Types of the records so far. */
  types: Set<string>;
  errors: ZoneError[];
  warnings: ZoneError[];
}

export function newDraft(zoneName: string): ZoneDraft {
  return {
    zoneName,
    origin: zoneName,
    owner: null,
    defaultTtl: null,
    lastTtl: null,
    records: [],
    types: new Set(),
    errors: [],
    warnings: [],
  };
}

export function reportError(draft: ZoneDraft, at: { line: number; column: number }, message: string): void {
  draft.errors.push({ line: at.line, column: at.column, message });
}

export function reportWarning(draft: ZoneDraft, at: { line: number; column: number }, message: string): void {
  draft.warnings.push({ line: at.line, column: at.column, message });
}

/** Was a name written in full, but without the dot that says so, and so came out as `name`, with the origin twice? */
export function missesDot(draft: ZoneDraft, token: Token, name: string): boolean {
  const written = normalName(token.text);
  return written !== name && written.includes('.') && draft.zoneName !== '' && isWithin(written, draft.zoneName);
}

/** The name that a word stands for, relative to the origin, in normal form; null after reporting what is wrong with it. */
export function readName(draft: ZoneDraft, token: Token): string | null {
  if (token.quoted) {
    reportError(draft, token, `a name stands here, not a text: write ${token.text || '@'} without quotes`);
    return null;
  }
  if (token.text === '@') return draft.origin;
  if (token.text === '.') return '';
  const absolute = endsWithDot(token.text);
  const given = absolute ? token.text.slice(0, -1) : token.text;
  const problem = given === '' ? 'a name is missing here' : nameProblem(given);
  if (problem !== null) {
    reportError(draft, token, problem);
    return null;
  }
  const written = asNormal(given);
  const name = absolute || draft.origin === '' ? written : `${written}.${draft.origin}`;
  const tooLong = nameProblem(name);
  if (tooLong !== null) {
    reportError(draft, token, tooLong);
    return null;
  }
  if (missesDot(draft, token, name)) {
    reportWarning(
      draft,
      token,
      `without a dot at its end this means \`${withDot(name)}\`: write \`${token.text}.\` if you mean the name itself`,
    );
  }
  return name;
}
