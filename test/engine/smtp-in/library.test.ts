/**
 * What smtp-in/server.ts rests on inside smtp-server: names that its types don't show. When this fails after an
 * update of the library, read server.ts against the new version before the pin is moved.
 */
import { createRequire } from 'node:module';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);

it('is the pinned version', () => {
  const own = require('../../../package.json') as { dependencies: Record<string, string> };
  expect(own.dependencies['smtp-server']).toMatch(/^\d+\.\d+\.\d+$/);
  expect((require('smtp-server/package.json') as { version: string }).version).toBe(own.dependencies['smtp-server']);
});

it.each(['init', 'connectionReady', 'send', 'close', '_setListeners', '_onCommand', '_getEnhancedStatusCode'])('has SMTPConnection.prototype.%s', (name) => {
  expect(SMTPConnection.prototype).toHaveProperty(name);
  expect(typeof (SMTPConnection.prototype as unknown as Record<string, unknown>)[name]).toBe('function');
});

it('arms the timer of a closed connection under the name that is taken off again', () => {
  expect(String(SMTPConnection.prototype.close)).toContain('_closeTimer');
});
