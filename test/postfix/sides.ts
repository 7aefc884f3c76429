/**
 * A host of a lab and a private Postfix, set up alike: one final domain with known users, one relay domain with known recipients,
 * everything else as it comes. What the lab's host does not offer (CHUNKING) is taken from Postfix too; where Postfix would slow
 * a client down, it is told not to.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openLab } from '../../src/engine/lab.ts';
import { freePorts, startPostfix } from '../../scripts/postfix/instance.ts';

const LAB = `title: Beside a Postfix
shows: What a server answers
clock: { start: 2026-03-02T09:00Z, seed: 1 }
networks: { office: { block: 192.0.2.0/24, latency: 0s }, internet: { block: 203.0.113.0/24, latency: 0s } }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: [alice, bob], relay: partner.test, known-users: [pat] }
  p: { name: p.partner.test, address: 192.0.2.20, final: partner.test, mailboxes: any }
zones:
  partner.test: |
    @ MX 1 p
    p A 192.0.2.20
firewall: { default: allow }
`;

const MAIN_CF = `
myhostname = a.theorganisation.test
mydestination = theorganisation.test, a.theorganisation.test
proxy_interfaces = 192.0.2.10
mynetworks = 192.0.2.0/24
local_recipient_maps = inline:{ alice=x, bob=x, postmaster=x }
local_transport = discard
relay_domains = partner.test
relay_recipient_maps = inline:{ { pat@partner.test = x } }
relay_transport = discard
default_transport = discard
smtpd_discard_ehlo_keywords = chunking

smtpd_error_sleep_time = 0s
in_flow_delay = 0s
notify_classes =
`;

export interface Sides {
  labPort: number;
  postfixPort: number;
  stop(): Promise<void>;
}

export async function startSides(): Promise<Sides> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-postfix-'));
  fs.chmodSync(root, 0o755); // Postfix's own user must be able to enter
  const [port] = (await freePorts(1)) as [number];
  const postfix = await startPostfix({ name: 'beside', root, port, mainCf: MAIN_CF });
  const lab = await openLab({ scenario: { text: LAB, file: 'beside.yaml' }, dir: null, version: 'test' });
  const clock = lab.driver.run();
  return {
    labPort: (await lab.publish('a', 'internet', 0)).port,
    postfixPort: postfix.port,
    async stop() {
      await lab.close();
      await clock;
      await postfix.stop();
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}
