/**
 * The page over `app://lab/`: files of one folder, and nothing beside it. Each answer with the page in it carries a
 * nonce of its own, as the browser server's does.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { windowPolicy } from './security.ts';

/** Privileges of the scheme: an origin of its own, as secure as https. To be registered before the program is ready. */
export const APP_SCHEME = { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } };

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Answers one request of the page. `root`: the folder of the built page. */
export async function answerPage(root: string, request: { method: string; url: string }): Promise<Response> {
  const refuse = (status: number): Response => new Response('There is no such file.\n', { status, headers: { 'content-type': 'text/plain' } });
  if (request.method !== 'GET') return refuse(405);
  const url = new URL(request.url);
  if (url.host !== 'lab') return refuse(404);
  const name = decode(url.pathname === '/' ? '/index.html' : url.pathname);
  const type = name === null ? undefined : TYPES[path.extname(name)];
  if (name === null || type === undefined) return refuse(404);
  const file = path.join(root, name);
  if (!file.startsWith(root + path.sep)) return refuse(404);
  const headers = { 'content-type': type, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' };
  try {
    const bytes = await fs.readFile(file);
    if (!name.endsWith('.html')) return new Response(new Uint8Array(bytes), { headers });
    const nonce = randomBytes(16).toString('base64');
    return new Response(bytes.toString('utf8').replaceAll('NONCE', nonce), { headers: { ...headers, 'content-security-policy': windowPolicy(nonce) } });
  } catch {
    return refuse(404);
  }
}

function decode(name: string): string | null {
  try {
    const plain = decodeURIComponent(name);
    return plain.includes('\0') ? null : plain;
  } catch {
    return null;
  }
}
