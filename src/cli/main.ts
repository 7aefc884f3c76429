/**
 * The command line: `mail-lab labs | run | check | serve`.
 *
 * Each command is loaded when it is called, for what is asked for most is the first line, soon. Answers go to stdout;
 * all that is wrong goes to stderr with what to do about it. Exit codes: see failure.ts.
 */
import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { EXIT, isUserError, sayWrong } from './failure.ts';
import { sayError } from './screen.ts';
import { version } from './version.ts';

export async function main(argv: string[]): Promise<void> {
  leaveWhenReaderLeaves();
  // Of all that nobody caught: 1 would say that checks do not hold.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => process.exit(complain(error)));
  let code: number;
  try {
    code = await runCommand(argv);
  } catch (error) {
    code = complain(error);
  }
  // Pipes may still hold lines; and a socket of an engine that failed must not keep the process.
  process.stdout.write('', () => process.exit(code));
}

async function runCommand(argv: string[]): Promise<number> {
  let code: number = EXIT.good;
  const program = new Command('mail-lab')
    .description('Mail servers, a firewall and the DNS in a lab whose clock one can turn.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: (text) => sayError(text.replace(/\n$/, '')) })
    .showHelpAfterError('`mail-lab --help` tells what there is.');

  program
    .command('labs')
    .description('list the labs')
    .action(async () => {
      code = (await import('./labs.ts')).labs();
    });

  program
    .command('run')
    .description('play a lab, and judge its checks')
    .argument('[lab]', 'name of a lab, or path of a lab file; not needed where --dir holds a lab')
    .option('--seed <n>', 'for all that is random; same seed, same story')
    .option('--pace <n>', 'virtual seconds in a real one, or max', 'max')
    .option('--dir <dir>', 'keep the lab in this folder, or go on with the one that is there')
    .option('--salvage', 'if the journal in --dir is damaged, continue from what comes before the damage')
    .option('--until <time>', 'stop at 2026-03-03T09:00Z, or so long after the start (2d, 4h30m)')
    .option('--verbose', 'tell every event')
    .option('--json', 'print the result as one JSON object, and nothing else')
    .option('--journal <file>', 'write every event as a line of JSON')
    .option('--junit <file>', 'write the checks as JUnit XML')
    .action(async (lab: string | undefined, options) => {
      code = await (await import('./run.ts')).run(lab ?? null, options);
    });

  program
    .command('check')
    .description('look for errors in lab files')
    .argument('[files...]', 'paths of lab files, or names of labs')
    .option('--schema', 'print the JSON Schema of lab files, for an editor')
    .action(async (files: string[], options: { schema?: boolean }) => {
      code = (await import('./check.ts')).check(files, options);
    });

  program
    .command('serve')
    .description('keep a lab running, with a page for a browser, and ports for mail programs of your own')
    .argument('[lab]', 'name of a lab, or path of a lab file')
    .option('--pace <n>', 'virtual seconds in a real one, or max', '1')
    .option('--dir <dir>', 'keep the lab in this folder, or go on with the one that is there')
    .option('--salvage', 'if the journal in --dir is damaged, continue from what comes before the damage')
    .option('--port-base <n>', 'host A at n+1, B at n+2 ..., the DNS at n+53')
    .option('--script', 'play the script of the lab too')
    .option('--no-page', 'ports only')
    .option('--verbose', 'tell every event')
    .action(async (lab: string | undefined, options) => {
      code = await (await import('./serve.ts')).serve(lab ?? null, options);
    });

  for (const command of program.commands)
    command
      .exitOverride()
      .helpOption('-h, --help', 'print this help')
      .showHelpAfterError(`\`mail-lab ${command.name()} --help\` tells more.`);
  if (argv.length <= 2) {
    program.outputHelp();
    return EXIT.good;
  }
  await program.parseAsync(argv);
  return code;
}

/** `mail-lab run ... | head` ends quietly: 128 + SIGPIPE, as other programs, for nothing was judged. */
function leaveWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.readerGone);
      throw error;
    });
  }
}

function complain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.wrong; // it has spoken already
  if (isUserError(error)) {
    sayWrong(error.message);
    return EXIT.wrong;
  }
  sayError('mail-lab: this is a bug in Mail Lab, not yours. Please report it with the command and these lines:');
  sayError(inspect(error));
  return EXIT.bug;
}
