import { describe, expect, it } from 'vitest';
import {
  closest,
  isDocumentationAddress,
  isHostName,
  isReservedName,
  isWithin,
  listed,
  parseBlock,
  parseIpv4,
} from '../../../src/engine/scenario/names.ts';

describe('names', () => {
  it.each(['a.theorganisation.test', 'test', 'x.example', 'gone.invalid', 'A.TEST'])('%s is reserved', (name) =>
    expect(isReservedName(name)).toBe(true),
  );
  it.each(['example.com', 'mytest', 'a.test.org', 'contest'])('%s is not', (name) =>
    expect(isReservedName(name)).toBe(false),
  );
  it.each(['', 'a..test', '-a.test', 'a b.test', `${'x'.repeat(64)}.test`])('%j is no name', (name) =>
    expect(isHostName(name)).toBe(false),
  );
});

describe('addresses', () => {
  it('reads addresses and blocks', () => {
    expect(parseIpv4('192.0.2.10')).toBe(3_221_225_994);
    expect([
      parseIpv4('192.0.2.256'),
      parseIpv4('1.2.3'),
      parseBlock('192.0.2.1/24'),
      parseBlock('192.0.2.0/33'),
    ]).toEqual([null, null, null, null]);
    expect(isWithin('192.0.2.255', '192.0.2.0/24')).toBe(true);
    expect(isWithin('192.0.3.0', '192.0.2.0/24')).toBe(false);
  });

  it('knows the documentation blocks', () => {
    expect(
      ['192.0.2.1', '198.51.100.1', '203.0.113.1', '8.8.8.8', '10.0.0.1', '127.0.0.1'].map(isDocumentationAddress),
    ).toEqual([true, true, true, false, false, false]);
  });
});

describe('near misses', () => {
  it('finds what was meant, and nothing for what is far away', () => {
    expect(closest('minuts', ['minutes', 'agenda'])).toBe('minutes');
    expect(closest('dealy', ['delay', 'failure'])).toBe('delay');
    expect(closest('q', ['a', 'b'])).toBeNull();
    expect(closest('xylophone', ['minutes', 'agenda'])).toBeNull();
  });

  it('lists words', () => {
    expect(listed(['a'])).toBe('a');
    expect(listed(['a', 'b', 'c'], 'or')).toBe('a, b or c');
  });
});
