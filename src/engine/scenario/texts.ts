/** The texts within a lab file, zones and firewalls: their errors are told at their lines in the file. */
import { parseZone } from '../dns/zone.ts';
import { inBlock } from '../network/cidr.ts';
import { parseFirewall } from '../network/firewall-text.ts';
import type { LabText, Path } from './errors.ts';
import { isReservedName, USE_ADDRESSES, USE_NAMES, ZONE_BLOCKS } from './names.ts';

export function checkZone(file: LabText, path: Path, text: string, name: string): void {
  const parsed = parseZone(text, name);
  if (!parsed.ok) for (const { line, column, message } of parsed.errors) file.addInText(path, line, column, message);
  for (const { line, column, message } of parsed.warnings) file.noteInText(path, line, column, message);
  for (const [row, line] of text.split('\n').entries()) {
    // Quoted strings and comments may say what they like.
    const data = line.replace(/"[^"]*"/g, (quoted) => ' '.repeat(quoted.length)).replace(/;.*$/, '');
    for (const found of data.matchAll(/(?<=\s(?:A|AAAA)\s+)(?:\d+\.\d+\.\d+\.\d+|[\da-f]*:[\da-f:.]*)(?=[\s)]|$)/gi)) {
      if (ZONE_BLOCKS.some((block) => inBlock(found[0], block))) continue;
      const advice = found[0].includes(':') ? 'use an address in 2001:db8::/32 (RFC 3849)' : USE_ADDRESSES;
      file.addInText(path, row + 1, found.index + 1, `${found[0]} may be somebody's: ${advice}`);
    }
    for (const found of data.matchAll(/(?<=\s|^)[\w-]+(\.[\w-]+)+\.(?=\s|$)/g)) {
      if (isReservedName(found[0]) || /\.arpa\.$/i.test(found[0])) continue;
      file.addInText(path, row + 1, found.index + 1, `${found[0]} may be somebody's: ${USE_NAMES}`);
    }
  }
}

/** Rules and default of a firewall's text; on errors, none. */
export function checkFirewall(
  file: LabText,
  path: Path,
  text: string,
  known: readonly string[],
): Extract<ReturnType<typeof parseFirewall>, { ok: true }> {
  const parsed = parseFirewall(text, known);
  if (parsed.ok) return parsed;
  for (const { line, column, message } of parsed.errors) file.addInText(path, line, column, message);
  return { ok: true, rules: [], fallback: 'allow' };
}
