/** A lab's folder belongs to one process at a time. */
import fs from 'node:fs';
import path from 'node:path';

/** Make the folder if needed and take it; returns what gives it back. Throws a clear error when that is not possible. */
export function lockFolder(dir: string): () => void {
  try {
    makeFolder(path.resolve(dir));
    fs.accessSync(dir, fs.constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOENT' ? 'it can\'t be written to' : code === 'ENOTDIR' || code === 'EEXIST' ? 'it is not a folder' : (error as Error).message;
    throw new Error(`the lab can't live in ${dir}: ${why}. Choose another folder with --dir`);
  }
  const lock = path.join(dir, 'lock');
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(lock, { force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new Error(`the lab can't live in ${dir}: ${(error as Error).message}. Choose another folder with --dir`);
      const owner = Number(fs.readFileSync(lock, 'utf8'));
      if (isAlive(owner)) throw new Error(`the lab in ${dir} is open already, in process ${owner}: end that one first, or choose another folder with --dir`);
      fs.rmSync(lock, { force: true }); // a killed run left it
    }
  }
}

/** As `mkdir -p`. Node's own recursive mkdir never returns where no folder can be made, such as under /proc. */
function makeFolder(dir: string): void {
  if (fs.existsSync(dir)) {
    if (!fs.statSync(dir).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    return;
  }
  makeFolder(path.dirname(dir));
  fs.mkdirSync(dir);
}

function isAlive(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return pid === process.pid;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
