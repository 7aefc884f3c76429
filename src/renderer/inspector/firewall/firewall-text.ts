/** The rules in force as the text that a person edits. Pure. */
import type { NetworkState } from '../../../contract/model.ts';

/** One rule a line, the default at the end: `drop any -> office port 25`. */
export function firewallText({ rules, fallback }: NetworkState['firewall']): string {
  const lines = rules.map(
    ({ action, source, target, port }) => `${action} ${source} -> ${target}${port === 'any' ? '' : ` port ${port}`}`,
  );
  return [...lines, `default ${fallback}`, ''].join('\n');
}
