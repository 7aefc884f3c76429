import { describe, expect, it } from 'vitest';
import { mailParameters, rcptParameters } from '../../../src/engine/smtp-in/parameters.ts';

const offers = {
  pipelining: true,
  dsn: true,
  eightBitMime: true,
  smtpUtf8: true,
  size: true,
  etrn: true,
  enhancedCodes: true,
};
const codes = (given: object): string | null =>
  'no' in given
    ? Object.values((given as { no: { code: number; enhanced: string; lines: string[] } }).no)
        .flat()
        .join(' ')
    : null;

describe('the parameters', () => {
  it('of MAIL are read', () => {
    expect(
      mailParameters(['size=5', 'BODY=8bitmime', 'SMTPUTF8', 'RET=hdrs', 'ENVID=a+20b', 'AUTH=<>'], offers),
    ).toEqual({ size: 5, eightBit: true, smtpUtf8: true, ret: 'hdrs', envid: 'a+20b', auth: true });
    expect(mailParameters([], offers)).toEqual({
      size: 0,
      eightBit: false,
      smtpUtf8: false,
      ret: null,
      envid: null,
      auth: false,
    });
  });

  it('of RCPT are read', () => {
    expect(rcptParameters(['NOTIFY=SUCCESS,DELAY,SUCCESS', 'ORCPT=rfc822;a+20b'], offers)).toEqual({
      notify: ['success', 'delay'],
      orcpt: 'rfc822;a+20b',
    });
    expect(rcptParameters(['ORCPT=rfc822;"a b"'], offers)).toEqual({ notify: null, orcpt: 'rfc822;"a+20b"' }); // it goes into a command again
  });

  it.each([
    ['FOO=BAR', '555 5.5.4 Unsupported option: FOO=BAR'],
    ['__proto__=x', '555 5.5.4 Unsupported option: __proto__=x'],
    ['constructor', '555 5.5.4 Unsupported option: constructor'],
    ['SIZE=', '501 5.5.4 Bad message size syntax'],
    ['SIZE=9223372036854775808', '552 5.3.4 Message size exceeds file system imposed limit'],
    ['RET=SOME', '501 5.5.4 Bad RET parameter syntax'],
  ])('of MAIL are refused: %s', (word, reply) => {
    expect(codes(mailParameters(['SIZE=1', word, 'FOO'], offers))).toBe(reply);
  });

  it('are not those of an extension that is not offered', () => {
    const none = { ...offers, dsn: false, smtpUtf8: false };
    expect(codes(mailParameters(['SMTPUTF8'], none))).toBe('555 5.5.4 Unsupported option: SMTPUTF8');
    expect(codes(mailParameters(['RET=FULL'], none))).toBe('501 5.7.1 DSN support is disabled');
    expect(codes(rcptParameters(['NOTIFY=NEVER'], none))).toBe('501 5.7.1 DSN support is disabled');
  });
});
