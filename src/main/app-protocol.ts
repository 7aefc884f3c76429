/**
 * The page over `app://lab/`: files of one folder, and nothing beside it. Each answer with the page in it carries a
 * nonce of its own, as the browser server's does.
 */
import { randomBytes } from 'node:crypto';
import { pageFile } from '../server/page-files.ts';
import { windowPolicy } from './security.ts';

/** Privileges of the scheme: an origin of its own, as secure as https. To be registered before the program is ready. */
export const APP_SCHEME = { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } };

/** Answers one request of the page. `root`: the folder of the built page. */
export async function answerPage(root: string, request: { method: string; url: string }): Promise<Response> {
  const refuse = (status: number): Response =>
    new Response('There is no such file.\n', { status, headers: { 'content-type': 'text/plain' } });
  if (request.method !== 'GET') return refuse(405);
  const url = URL.parse(request.url);
  const file = url?.host === 'lab' ? pageFile(root, url.pathname) : null;
  if (file === null) return refuse(404);
  const headers = {
    'content-type': file.type,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
  if (!file.type.startsWith('text/html')) return new Response(new Uint8Array(file.bytes), { headers });
  const nonce = randomBytes(16).toString('base64');
  return new Response(file.bytes.toString('utf8').replaceAll('NONCE', nonce), {
    headers: { ...headers, 'content-security-policy': windowPolicy(nonce) },
  });
}
