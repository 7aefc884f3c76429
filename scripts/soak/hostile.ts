/** Hostile programs, in a process of their own: what they do is in hostile-smtp.ts and hostile-rest.ts. They begin and stop when they are told to. */
import { dnsHostiles, webHostiles } from './hostile-rest.ts';
import { smtpHostiles } from './hostile-smtp.ts';
import { createCrowd } from './crowd.ts';

export interface Targets {
  smtp: Record<string, number>;
  dns: number;
  url: string;
}

/** `accepted`: Message-IDs of the mail that the lab took from them; `did`: how often each did what it does. */
export type HostileSays = { accepted: string } | { did: Record<string, number> } | { stopped: true };

const targets = JSON.parse(process.argv[2] as string) as Targets;
const say = (what: HostileSays): void => void process.send?.(what);
const crowd = createCrowd();
const accepted = (id: string): void => say({ accepted: id });

process.on('message', (asked: 'begin' | 'stop') => {
  if (asked === 'begin') {
    for (const port of Object.values(targets.smtp)) smtpHostiles(crowd, port, accepted);
    dnsHostiles(crowd, targets.dns);
    webHostiles(crowd, targets.url);
    return;
  }
  void crowd.stop().then(() => {
    say({ did: crowd.did() });
    say({ stopped: true });
  });
});
process.on('disconnect', () => process.exit());
