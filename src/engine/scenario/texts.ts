/** The texts within a lab file, zones and firewalls: their errors are told at their lines in the file. */
import { parseZone } from '../dns/zone.ts';
import { parseFirewall } from '../network/firewall-text.ts';
import type { LabText, Path } from './errors.ts';
import { isDocumentationAddress, isReservedName, USE_ADDRESSES, USE_NAMES } from './names.ts';

export function checkZone(file: LabText, path: Path, text: string, name: string): void {
  const parsed = parseZone(text, name);
  if (!parsed.ok) for (const { line, column, message } of parsed.errors) file.addInText(path, line, column, message);
  for (const [row, line] of text.split('\n').entries()) {
    // Quoted strings and comments may say what they like.
    const data = line.replace(/"[^"]*"/g, (quoted) => ' '.repeat(quoted.length)).replace(/;.*$/, '');
    for (const found of data.matchAll(/(?<=\sA\s+)\d+\.\d+\.\d+\.\d+(?=\s|$)/gi)) {
      if (!isDocumentationAddress(found[0]))
        file.addInText(path, row + 1, found.index + 1, `${found[0]} may be somebody's: ${USE_ADDRESSES}`);
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
