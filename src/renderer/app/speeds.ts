/** The speeds of the clock, and what they mean in words. Positions on the slider are even: its scale is logarithmic. */
import type { Pace } from '../../contract/lab-api.ts';

export const SPEEDS: { pace: Pace; name: string; words: string }[] = [
  { pace: 1, name: '1×', words: 'as in life' },
  { pace: 10, name: '10×', words: 'ten seconds a second' },
  { pace: 60, name: '60×', words: 'a minute each second' },
  { pace: 600, name: '600×', words: 'ten minutes a second' },
  { pace: 3_600, name: '3600×', words: 'an hour each second' },
  { pace: 'max', name: 'max', words: 'as fast as it can' },
];

/** Where a pace stands on the slider, from 0 (1×) to 5 (max); between two stops for what is between them. */
export function positionOf(pace: Pace): number {
  if (pace === 'max') return SPEEDS.length - 1;
  const stops = SPEEDS.flatMap((speed) => (speed.pace === 'max' ? [] : [Math.log(speed.pace)]));
  const at = Math.log(pace);
  if (at <= (stops[0] ?? 0)) return 0;
  const above = stops.findIndex((stop) => stop >= at - 1e-9);
  if (above === -1) return stops.length - 1;
  const low = stops[above - 1] ?? 0;
  return above - 1 + (at - low) / ((stops[above] ?? 1) - low);
}

export function speedWords(pace: Pace): { name: string; words: string } {
  return (
    SPEEDS.find((speed) => speed.pace === pace) ?? {
      name: `${String(pace)}×`,
      words: `${String(pace)} seconds a second`,
    }
  );
}
