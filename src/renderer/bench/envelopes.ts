/**
 * Envelopes as one sees them: a message is seen on its line for a moment, though its dialogue took no longer than
 * some milliseconds. What set out since the last look travels, the hops of one message one after the other; what
 * came to be known before stands where it is. Looking back, and with reduced motion, nothing moves at all.
 */
import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { wireKey, type Flight, type Motion, type Tone } from './motion.ts';

export interface Envelope {
  id: string;
  flight: Flight;
  /** So many go together. */
  count: number;
  /** `ready`: it has not set out yet. `middle` is a place to stand at, without a journey. */
  place: 'ready' | 'start' | 'middle' | 'edge' | 'in' | 'back';
  /** Its journey is over: what comes of it may be shown as soon as it is known. */
  there: boolean;
  tone: Tone | null;
}

interface Looks {
  motion: Ref<Motion>;
  /** Nothing travels: the past, reduced motion. */
  still: Ref<boolean>;
  /** So fast that only counts move. */
  blurred: Ref<boolean>;
  /** One journey, real ms. */
  travelMs: Ref<number>;
}

/** Journeys that are waiting to be seen; more than that, and the oldest are only counted. */
const READY_MAX = 8;
const FRAME_MS = 30;
const GO_IN_MS = 240;

export function useEnvelopes({ motion, still, blurred, travelMs }: Looks): ShallowRef<Envelope[]> {
  const envelopes = shallowRef<Envelope[]>([]);
  const timers = new Set<ReturnType<typeof setTimeout>>();
  /** The last event of which all that set out was taken in. */
  let seenN: number | null = null;
  /** Nothing travelled at the last look: what was then, back from the past, is no news. */
  let wasStill = false;

  const later = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };
  const put = (id: string, change: Partial<Envelope>): void =>
    void (envelopes.value = envelopes.value.map((one) => (one.id === id ? { ...one, ...change } : one)));
  const leave = (id: string): void => {
    envelopes.value = envelopes.value.filter((one) => one.id !== id);
    depart();
  };
  /** Its journey is over: in or back, or it waits at the edge until that is known. */
  const settle = (id: string): void => {
    const now = motion.value.flights.find((one) => one.id === id);
    // One that ended long ago, or whose host died, is in the list no more.
    if (now === undefined) return leave(id);
    if (now.end === null) return put(id, { there: true, flight: now });
    const { tone } = now.end;
    put(id, { place: tone === 'arrived' ? 'in' : 'back', there: false, tone, flight: now });
    later(tone === 'arrived' ? GO_IN_MS : travelMs.value + GO_IN_MS, () => leave(id));
  };
  const depart = (): void => {
    for (const envelope of envelopes.value.filter(({ place }) => place === 'ready')) {
      const others = envelopes.value.filter(({ place }) => place !== 'ready');
      const { mail } = envelope.flight;
      if (
        others.some(
          ({ flight }) => (mail !== null && flight.mail === mail) || lineOf(flight) === lineOf(envelope.flight),
        )
      )
        continue;
      put(envelope.id, { place: 'start' });
      // One frame where it starts, then off.
      later(FRAME_MS, () => put(envelope.id, { place: 'edge' }));
      later(FRAME_MS + travelMs.value, () => settle(envelope.id));
    }
  };

  const look = (): void => {
    const { n, flights } = motion.value;
    // What was known when the world came to be shown is no news either.
    const rewound = seenN === null || seenN === 0 || n < seenN || (wasStill && !still.value);
    wasStill = still.value;
    const before = seenN ?? n;
    seenN = n;
    if (rewound || still.value || blurred.value) {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      envelopes.value = blurred.value && !still.value ? [] : standing(flights);
      return;
    }
    envelopes.value = readied(envelopes.value, together(flights.filter(({ beganN }) => beganN > before)));
    // Of several that stand as one, some may be through.
    const openOn = (flight: Flight): number =>
      flights.filter((one) => one.end === null && lineOf(one) === lineOf(flight)).length;
    envelopes.value = envelopes.value.map((one) =>
      one.there && one.count > 1 ? { ...one, count: Math.max(1, openOn(one.flight)) } : one,
    );
    for (const { id, there } of envelopes.value)
      if (there && flights.find((one) => one.id === id)?.end !== null) settle(id);
    depart();
  };

  watch([motion, still, blurred], look, { immediate: true });
  onScopeDispose(() => timers.forEach((timer) => clearTimeout(timer)));
  return envelopes;
}

const lineOf = ({ from, to }: Flight): string => wireKey(from, to);

/** What is under way, where it stands: several on one line as one. */
export function standing(flights: readonly Flight[]): Envelope[] {
  return together(flights.filter(({ end }) => end === null)).map((one) => ({
    ...one,
    there: true,
    place: one.flight.phase === 'waits' ? 'edge' : 'middle',
  }));
}

/** What goes together: on one line, and with one outcome, as far as it is known. */
const likeOf = (flight: Flight): string => `${lineOf(flight)} ${flight.end?.tone ?? ''}`;

/** Several on one line that set out within one look are one, with their count; the newest gives it its name. */
export function together(flights: readonly Flight[]): Envelope[] {
  const lines = new Map<string, Flight[]>();
  for (const flight of flights) lines.set(likeOf(flight), [...(lines.get(likeOf(flight)) ?? []), flight]);
  return [...lines.values()].map((list) => ({
    id: list.at(-1)!.id,
    flight: list.at(-1)!,
    count: list.length,
    place: 'ready',
    there: false,
    tone: null,
  }));
}

/** New ones join what has not set out yet on their line; of too many the oldest are left out. */
export function readied(envelopes: readonly Envelope[], fresh: readonly Envelope[]): Envelope[] {
  let list = [...envelopes];
  for (const one of fresh) {
    const other = list.find(({ place, flight }) => place === 'ready' && likeOf(flight) === likeOf(one.flight));
    list = [...list.filter((old) => old !== other), { ...one, count: one.count + (other?.count ?? 0) }];
  }
  const surplus = list.filter(({ place }) => place === 'ready').slice(0, -READY_MAX);
  return list.filter((one) => !surplus.includes(one));
}
