/**
 * What smtp-in/server.ts and stream.ts rest on inside smtp-server. When this fails after an update of the library, read both
 * against the new version before the pin is moved.
 */
import { createRequire } from 'node:module';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection';
import { SMTPStream } from 'smtp-server/lib/smtp-stream';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const source = (type: { prototype: object }, name: string): string =>
  String((type.prototype as Record<string, unknown>)[name]);

it('is the pinned version', () => {
  const own = require('../../../package.json') as { dependencies: Record<string, string> };
  expect(own.dependencies['smtp-server']).toMatch(/^\d+\.\d+\.\d+$/);
  expect((require('smtp-server/package.json') as { version: string }).version).toBe(own.dependencies['smtp-server']);
});

it.each(['init', 'close', '_createParser', '_setListeners', '_armTimeout', '_whenWritable'])(
  'has SMTPConnection.prototype.%s',
  (name) => {
    expect(source(SMTPConnection, name)).toMatch(/^_?\w+\(/);
  },
);

it.each(['_write', '_feedDataStream', '_flushData', 'oncommand'])('has SMTPStream.prototype.%s', (name) => {
  expect(source(SMTPStream, name)).toMatch(/^_?\w+\(/);
});

it('makes its parser, and arms its time-out, by the names that are taken over', () => {
  expect(String(SMTPConnection)).toContain('this._parser = this._createParser()');
  expect(source(SMTPConnection, '_setListeners')).toContain('this._armTimeout()');
  expect(source(SMTPConnection, '_setListeners')).toContain('pipe(this._parser)');
});

it('arms the timer of a closed connection under the name that is taken off again, and says that it closes', () => {
  expect(source(SMTPConnection, 'close')).toContain('this._closeTimer =');
  expect(source(SMTPConnection, 'close')).toContain('this._closing = true');
  expect(source(SMTPConnection, 'close')).toContain('this._parser.isClosed = true');
});

it('keeps half a line under the name that is looked at, and goes to messages by the one that is set', () => {
  expect(source(SMTPStream, '_write')).toContain('this._remainder = ');
  expect(source(SMTPStream, '_write')).toContain('if (this._dataMode)');
  expect(source(SMTPStream, '_write')).toContain('this._feedDataStream(chunk, done)');
  expect(String(SMTPStream)).toContain("this.on('finish', () => this._flushData())");
});
