/** The page's files: those of one folder, and nothing beside it. The window's protocol and the browser server both ask here. */
import fs from 'node:fs';
import path from 'node:path';

export interface PageFile {
  /** For `content-type`. */
  type: string;
  bytes: Buffer;
}

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.woff2', 'font/woff2'],
]);

/**
 * The file at a URL's path (`/` is the page itself), read whole; null where there is none that may be given. Read at once: the threads that read
 * files beside the program are those by which labs put their mail on disk.
 */
export function pageFile(root: string, pathname: string): PageFile | null {
  const name = decoded(pathname === '/' ? '/index.html' : pathname);
  const type = name === null ? undefined : TYPES.get(path.extname(name));
  if (name === null || type === undefined) return null;
  const file = path.join(root, name);
  if (!file.startsWith(root + path.sep)) return null;
  try {
    return { type, bytes: fs.readFileSync(file) };
  } catch {
    return null; // also what was there when the server began: the page may be built anew meanwhile
  }
}

function decoded(pathname: string): string | null {
  try {
    const plain = decodeURIComponent(pathname);
    return plain.includes('\0') ? null : plain;
  } catch {
    return null;
  }
}
