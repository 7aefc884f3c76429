/** Commands that bring mail or questions into the lab from outside, for a shell. Pure. */

export interface Command {
  tool: 'swaks' | 'curl' | 'dig';
  command: string;
}

const FROM = 'carol@elsewhere.test';
const TO = 'alice@theorganisation.test';

/** A word of a shell's command line: quoted when it holds anything that a shell would read. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function commandsFor({
  port,
  dnsPort,
  from,
  to,
}: {
  port: number | null;
  dnsPort: number | null;
  from: string;
  to: string;
}): Command[] {
  const sender = shellWord(from.trim() === '' ? FROM : from.trim());
  const rcpts = to.split(/[\s,;]+/).filter((word) => word !== '');
  if (rcpts.length === 0) rcpts.push(TO);
  const domain = (rcpts[0] ?? TO).replace(/^.*@/, '');
  const commands: Command[] = [];
  if (port !== null) {
    commands.push({
      tool: 'swaks',
      command: `swaks --server 127.0.0.1:${port} --from ${sender} --to ${shellWord(rcpts.join(','))}`,
    });
    commands.push({
      tool: 'curl',
      command: `curl --crlf smtp://127.0.0.1:${port} --mail-from ${sender} ${rcpts.map((rcpt) => `--mail-rcpt ${shellWord(rcpt)}`).join(' ')} --upload-file message.eml`,
    });
  }
  if (dnsPort !== null) commands.push({ tool: 'dig', command: `dig @127.0.0.1 -p ${dnsPort} MX ${shellWord(domain)}` });
  return commands;
}
