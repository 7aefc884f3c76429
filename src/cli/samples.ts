/** Commands to copy: how to reach the hosts of a running lab with programs of one's own. */
import path from 'node:path';
import type { PortInfo } from '../contract/lab-api.ts';
import { homesOf, type Scenario } from '../engine/scenario/index.ts';
import { shownPath } from './lab-file.ts';
import type { Seen } from './seen.ts';
import { hostWord } from './words.ts';

type Lab = Pick<Seen, 'scenario' | 'state' | 'dir'>;

export interface Sample {
  /** `C  127.0.0.1:2503  for people in internet` */
  title: string;
  commands: string[];
}

export function samplesOf(lab: Lab, ports: readonly PortInfo[]): Sample[] {
  const { scenario } = lab;
  const homes = homesOf(scenario);
  const doors = ports.filter(({ host }) => host !== 'dns');
  // Those to whom people hand their mail come first: there a message begins its way.
  const ordered = [...doors.filter(({ host }) => homes.has(host)), ...doors.filter(({ host }) => !homes.has(host))];
  const names = ports.filter(({ host }) => host === 'dns').map(({ port }) => dnsSample(scenario, port));
  return [...ordered.map((door) => smtpSample(lab, door)), ...names, ...mailboxSamples(lab)];
}

function smtpSample({ scenario, state }: Lab, { host, network, port }: PortInfo): Sample {
  const { from, to } = lettersOf(scenario, host);
  const block = scenario.networks.find(({ key }) => key === network)?.block ?? '';
  const power = state.hosts[host]?.power === 'up' ? '' : `, ${state.hosts[host]?.power}`;
  return {
    title: `${hostWord(host)}  127.0.0.1:${port}  (${scenario.hosts[host]?.name}${power}; you call from ${network}, ${block})`,
    commands: [
      `swaks --server 127.0.0.1:${port} --from ${from} --to ${to}`,
      `printf 'From: ${from}\\nTo: ${to}\\nSubject: Hello\\n\\nHello.\\n' | curl --crlf smtp://127.0.0.1:${port}/client --mail-from ${from} --mail-rcpt ${to} -T -`,
    ],
  };
}

function dnsSample({ zones }: Scenario, port: number): Sample {
  return { title: `DNS  127.0.0.1:${port}`, commands: [`dig @127.0.0.1 -p ${port} ${zones[0]?.name ?? '.'} MX`] };
}

/** Folders of mail, as they are once something has been delivered. */
function mailboxSamples({ scenario, dir }: Lab): Sample[] {
  const boxes = Object.entries(scenario.hosts).flatMap(([host, settings]) =>
    people(settings).map((user) => ({ host, user })),
  );
  if (boxes.length === 0) return [];
  return [
    {
      title: 'Mailboxes (Maildir), once they have mail',
      commands: boxes.map(({ host, user }) => `mutt -R -f ${quoted(shownPath(path.resolve(dir, 'mail', host, user)))}`),
    },
  ];
}

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** Who writes to whom: what the script has for this host, else its first letter, else anybody to anybody. */
function lettersOf(scenario: Scenario, host: string): { from: string; to: string } {
  // These are to be copied into a shell, and a lab file may be a stranger's.
  const isPlain = (address: string | undefined): boolean => /^[\w.+-]+@[\w.-]+$/.test(address ?? '');
  const letters = scenario.script.flatMap((step) =>
    step.kind === 'send' && isPlain(step.send.message.from) && isPlain(step.send.message.to[0])
      ? [step.send.message]
      : [],
  );
  const domains = scenario.hosts[host]?.finalDomains ?? [];
  const letter = letters.find(({ from }) => domains.includes(from.slice(from.lastIndexOf('@') + 1))) ?? letters[0];
  const [one = 'alice@theorganisation.test', other = 'carol@elsewhere.test'] = Object.values(scenario.hosts).flatMap(
    (settings) =>
      people(settings)
        .map((user) => `${user}@${settings.finalDomains[0] ?? settings.name}`)
        .filter(isPlain),
  );
  return { from: letter?.from ?? other, to: letter?.to[0] ?? one };
}

const people = ({ mailboxes }: { mailboxes: string[] | null }) =>
  (mailboxes ?? []).filter((user) => user !== 'postmaster');
