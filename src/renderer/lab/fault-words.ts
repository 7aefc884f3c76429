/** A fault that is set: whether it can still strike, and what it does, in words. Pure. */
import type { Fault, Instant } from '../../contract/model.ts';

/** It can still strike. */
export const isSet = ({ until, left }: Fault, now: Instant): boolean => (until === null || until > now) && left !== 0;

/** A fault that is set, as a sentence without its host. */
export function faultWords({ when, address, then }: Fault): string {
  const at =
    when.at === 'bytes'
      ? `after ${Math.round(when.count / 1_000)} KB`
      : when.at === 'final-dot'
        ? 'at the final dot'
        : `at ${when.verb}`;
  const what = {
    cut: 'silence',
    reset: 'reset',
    answer: then.do === 'answer' ? then.reply : '',
    delay: then.do === 'delay' ? `answer ${then.ms / 1_000} s late` : '',
  }[then.do];
  return `${at}${address === null ? '' : ` for ${address}`}: ${what}`;
}
