#!/usr/bin/env node
// The door of the command line, in plain JavaScript for any Node from 18 on. Mail Lab itself is TypeScript that
// Node 24 runs as it is; `npm ci` puts that Node into node_modules, and an older one hands over to it here.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import os from 'node:os';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  module.enableCompileCache?.(); // from the second start on, nothing is compiled again
  const { main } = await import('../src/cli/main.ts');
  await main(process.argv);
} else {
  const name = process.platform === 'win32' ? '../node_modules/node/bin/node.exe' : '../node_modules/.bin/node';
  const node = fileURLToPath(new URL(name, import.meta.url));
  if (existsSync(node)) handOver(node);
  else {
    console.error(
      `mail-lab needs Node ${NODE_MAJOR_MIN}, and this is Node ${process.versions.node}. ` +
        `Run \`npm ci\` in ${fileURLToPath(new URL('..', import.meta.url))}, which brings one along, or install Node ${NODE_MAJOR_MIN}.`,
    );
    process.exitCode = 2;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The child says goodbye in its own time; whoever signals this process means the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`mail-lab can't start ${node}: ${error.message}. Run \`npm ci\` again.`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + os.constants.signals[signal]);
  });
}
