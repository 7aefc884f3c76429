/**
 * The lab's side of the benchmark: C → B → A in a process of its own, at full speed, with everything on: journal,
 * transcripts, every 250 after fsync. The lines have no latency, as the other side's loopback has none.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLab } from '../src/engine/lab.ts';

const CHAIN = `
title: Chain
shows: A message goes from C to B to A.
clock: { start: 2026-03-02T09:00Z, seed: 1 }
internet-latency: 0s
networks:
  office: { block: 192.0.2.0/24, latency: 0s }
  internet: { block: 203.0.113.0/24, latency: 0s }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: [theorganisation.test], mailboxes: [alice] }
  b: { name: b.theorganisation.test, address: 192.0.2.20, relay: [theorganisation.test] }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: [elsewhere.test], mailboxes: [carol] }
zones:
  theorganisation.test:
    internet: |
      @   MX 2 b
      b   A    192.0.2.20
    office: |
      @   MX 1 a
      @   MX 2 b
      a   A    192.0.2.10
      b   A    192.0.2.20
  elsewhere.test: |
    @   MX 1 c
    c   A    203.0.113.30
firewall:
  rules: |
    allow b -> a port 25
    reject internet -> a port 25
  default: allow
script: []
checks:
  - lost: 0
`;

export interface Chain {
  port: number;
  /** Messages in alice's mailbox so far. */
  delivered(): Promise<number>;
  /** Resolves when alice's Maildir holds them all: it is written when nothing else is to be done, which must not be in the other's round. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLabChain(dir: string): Promise<Chain> {
  const child: ChildProcess = fork(import.meta.filename, [dir], { stdio: 'inherit' });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const delivered = async (): Promise<number> => {
    child.send('delivered?');
    return ((await once(child, 'message')) as [{ delivered: number }])[0].delivered;
  };
  return {
    port,
    delivered,
    async settled() {
      const inbox = path.join(dir, 'mail', 'a', 'alice', 'new');
      while (fs.readdirSync(inbox).length < (await delivered())) await sleep(50);
    },
    async stop() {
      child.send('stop');
      await once(child, 'exit');
    },
  };
}

async function serve(dir: string): Promise<void> {
  const lab = await openLab({ scenario: { text: CHAIN, file: path.join(dir, 'chain.yaml') }, dir, version: 'bench' });
  const clock = lab.driver.run();
  let delivered = 0;
  lab.listen((event) => {
    if (event.kind === 'mailbox-deliver' && event.user === 'alice') delivered += 1;
  });
  const { port } = await lab.publish('c', 'internet', 0);
  process.on('message', (ask) => {
    if (ask === 'delivered?') process.send?.({ delivered });
    else void lab.close().then(() => process.exit(0));
  });
  process.send?.({ port });
  await clock;
}

if (process.argv[1] === import.meta.filename && process.send !== undefined) await serve(process.argv[2] as string);
