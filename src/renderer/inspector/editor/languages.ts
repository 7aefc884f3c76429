/**
 * How the texts of the lab are coloured: zones in the notation of RFC 1035 §5.1, and rules of a firewall.
 * Words get the names of CodeMirror's tags; `colours` gives each name a class, which the editor's theme colours.
 */
import { StreamLanguage, syntaxHighlighting, type StringStream } from '@codemirror/language';
import type { Extension } from '@codemirror/state';

export type TextLanguage = 'zone' | 'firewall';

interface ZoneState {
  /** At the start of a line: a word here is an owner's name. */
  atStart: boolean;
  /** Behind the type: what follows is its data. */
  inData: boolean;
  /** Depth of parentheses: a record goes on over line ends. */
  depth: number;
}

const TYPES = /^(A|AAAA|MX|NS|SOA|CNAME|PTR|TXT|SRV|CAA|DS|DNSKEY|SPF|HINFO|NAPTR|TLSA)(?=[\s;(]|$)/i;

const zone = StreamLanguage.define<ZoneState>({
  name: 'zone',
  startState: () => ({ atStart: true, inData: false, depth: 0 }),
  languageData: { commentTokens: { line: ';' } },
  token(stream, state) {
    if (stream.sol() && state.depth === 0) Object.assign(state, { atStart: true, inData: false });
    const atStart = state.atStart && stream.sol();
    if (stream.eatSpace()) {
      state.atStart = false;
      return null;
    }
    state.atStart = false;
    return zoneWord(stream, state, atStart);
  },
});

function zoneWord(stream: StringStream, state: ZoneState, atStart: boolean): string | null {
  if (stream.match(/^;.*/)) return 'comment';
  if (stream.match(/^"(?:\\.|[^"\\])*"?/)) return 'string';
  if (stream.match(/^\$[A-Z]+/i)) return 'meta';
  const bracket = stream.eat(/[()]/);
  if (bracket) {
    state.depth = Math.max(0, state.depth + (bracket === '(' ? 1 : -1));
    return 'bracket';
  }
  if (atStart) {
    stream.match(/^[^\s;()"]+/);
    return 'variableName';
  }
  if (!state.inData && stream.match(TYPES)) {
    state.inData = true;
    return 'keyword';
  }
  if (!state.inData && stream.match(/^(IN|CH)(?=\s|$)/i)) return 'meta';
  if (stream.match(/^(\d+[smhdw]?)+(?=[\s;)]|$)/i)) return 'number';
  if (stream.match(/^[^\s;()"]+/)) return null;
  stream.next();
  return null;
}

const firewall = StreamLanguage.define<null>({
  name: 'firewall',
  languageData: { commentTokens: { line: '#' } },
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return 'comment';
    if (stream.match(/^(allow|reject|drop)\b/i)) return 'keyword';
    if (stream.match(/^(default|port|any)\b/i)) return 'meta';
    if (stream.match(/^->/)) return 'operator';
    if (stream.match(/^[\d.]+(\/\d+)?(?=\s|$)/)) return 'number';
    if (stream.match(/^[^\s#]+?(?=->|[\s#]|$)/)) return 'variableName';
    stream.next();
    return null;
  },
});

/** Classes by the names of tags; the theme of the editor gives them colours of the tokens. */
const colours = syntaxHighlighting({
  style: (tags) => tags.map((tag) => `t-${String(tag).replace(/\W.*$/, '')}`).join(' ') || null,
});

export const languageOf = (language: TextLanguage): Extension => [language === 'zone' ? zone : firewall, colours];
