/** `retry` of a lab file: a preset, or a preset with numbers of its own. */
import type { HostSettings, RetryCurve, RetryPolicy } from '../../contract/settings.ts';
import { presetHops, presetPolicy } from '../queue/presets.ts';
import type { Path } from './errors.ts';
import { listed } from './names.ts';
import type { RetryFile, SettingsFile } from './schema-host.ts';

/** The policy of a preset with the file's own numbers, and the hop limit that goes with it; nothing where the file has no `retry`. */
export function retryOf(file: SettingsFile, problem: (path: Path, message: string) => void): Partial<HostSettings> {
  if (file.retry === undefined) return {};
  const retry: Exclude<RetryFile, string> = typeof file.retry === 'string' ? { preset: file.retry } : file.retry;
  const policy: RetryPolicy = presetPolicy(retry.preset);
  policy.curve = curveOf(policy.curve, retry, (key, message) => problem(['retry', key], message));
  if (retry.warn !== undefined) policy.warnAfterMs = retry.warn;
  if (retry['give-up'] !== undefined) policy.giveUpAfterMs = policy.giveUpReportsAfterMs = retry['give-up'];
  if (retry['give-up-reports'] !== undefined) policy.giveUpReportsAfterMs = retry['give-up-reports'];
  return file.hops === undefined ? { retry: policy, hopCountMax: presetHops(retry.preset) } : { retry: policy };
}

const CURVE_KEYS = {
  age: ['min', 'max', 'scan'],
  fixed: ['every'],
  rules: ['rules'],
  square: ['step'],
  root: ['root'],
} as const;

function curveOf(
  curve: RetryCurve,
  retry: Exclude<RetryFile, string>,
  problem: (key: string, message: string) => void,
): RetryCurve {
  const own: readonly string[] = CURVE_KEYS[curve.kind];
  for (const key of Object.values(CURVE_KEYS).flat()) {
    if (retry[key] === undefined || own.includes(key)) continue;
    const presets = { age: 'postfix', fixed: 'sendmail or article', rules: 'exim', square: 'opensmtpd', root: 'qmail' };
    const owner = (Object.keys(CURVE_KEYS) as RetryCurve['kind'][]).find((kind) =>
      (CURVE_KEYS[kind] as readonly string[]).includes(key),
    )!;
    problem(
      key,
      `${retry.preset} has no \`${key}\`: its curve takes ${listed(own)}; \`${key}\` is for ${presets[owner]}`,
    );
  }
  switch (curve.kind) {
    case 'age':
      return {
        ...curve,
        minMs: retry.min ?? curve.minMs,
        maxMs: retry.max ?? curve.maxMs,
        scanMs: retry.scan ?? curve.scanMs,
      };
    case 'fixed':
      return { ...curve, everyMs: retry.every ?? curve.everyMs };
    case 'square':
      return { ...curve, stepMs: retry.step ?? curve.stepMs };
    case 'root':
      return { ...curve, stepRootSeconds: retry.root ?? curve.stepRootSeconds };
    case 'rules':
      return {
        ...curve,
        rules:
          retry.rules?.map((rule) => ({ untilAgeMs: rule.until, waitMs: rule.wait, factor: rule.factor ?? 1 })) ??
          curve.rules,
      };
  }
}
