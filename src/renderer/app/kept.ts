/** Labs that were closed and can be gone on with, in words. Pure. */
import type { KeptLab } from '../../contract/page-api.ts';
import { dayOf, minuteOf } from '../lab/words.ts';

export const keptName = ({ title, branch }: KeptLab): string => (branch ? `${title}, a branch` : title);

/** Where its clock stood: `Tue 3 Mar 14:03`; '' when nobody wrote it down. */
export const stoodAt = ({ at }: KeptLab): string => (at === null ? '' : `${dayOf(at)} ${minuteOf(at)}`);

/** When it was left, by the person's own clock: `today 12:40`, `yesterday 9:05`, `26 Nov 2026`. */
export function leftWords({ leftAt }: KeptLab, now: Date): string {
  const left = new Date(leftAt);
  const daysAgo = Math.round((startOfDay(now) - startOfDay(left)) / 86_400_000);
  if (daysAgo > 1) return left.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
  return `${daysAgo === 1 ? 'yesterday' : 'today'} ${left.toLocaleTimeString('en-GB', { hour: 'numeric', minute: '2-digit' })}`;
}

const startOfDay = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
