/** What belongs together in the tree: headers of rooms, mirrors of rooms, labs and the tests that play them. */

/** Lines of text in the comment that opens a file, without its frame; 0 when the file opens otherwise. */
export function headerLines(text: string): number {
  const comment = /^\/\*\*\n([^]*?)\n \*\/\n/.exec(text)?.[1];
  return comment === undefined ? 0 : comment.split('\n').length;
}

/** What is missing in a room's index.ts. */
export function headerTroubles(path: string, text: string | undefined): string[] {
  if (text === undefined) return [`${path} is missing: a room has one door`];
  const lines = headerLines(text);
  const header = text.slice(0, text.indexOf('*/'));
  const troubles: string[] = [];
  if (lines < 5 || lines > 15)
    troubles.push(
      `${path} opens with ${lines} lines of header: write 5 to 15 on what it does, what it never does, which RFC it obeys`,
    );
  if (!/\b(never|no|neither)\b/i.test(header))
    troubles.push(`${path}: its header does not say what the room never does`);
  return troubles;
}

/** Rooms without a folder of tests of their own. */
export function withoutMirror(rooms: string[], paths: Iterable<string>): string[] {
  const all = [...paths];
  return rooms
    .filter((room) => !all.some((path) => path.startsWith(`test/engine/${room}/`) && path.endsWith('.test.ts')))
    .map((room) => `src/engine/${room} has no tests in test/engine/${room}`);
}

/** Labs that no test plays. A test plays all of labs/ when it reads the folder, else those it names. */
export function neverPlayed(labs: string[], files: Map<string, string>): string[] {
  const tests = [...files]
    .filter(([path, text]) => path.endsWith('.test.ts') && /\b(openLab|playLab|startLab)\(/.test(text))
    .map(([, text]) => text);
  if (tests.some((text) => /readdirSync\((LABS|folder|labs)\b/.test(text))) return [];
  return labs
    .filter((lab) => !tests.some((text) => text.includes(`'${lab}'`)))
    .map((lab) => `labs/${lab}.yaml is played by no test: test/labs plays all of the folder`);
}
