/** Files for a person: the run as JSON lines. */
import { ask, eventCount, shown } from '../lab/store.ts';

const EVENTS_AT_ONCE = 10_000;

export function download(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** All events of the world up to now, one JSON object a line. */
export async function saveRun(): Promise<void> {
  const { world } = shown;
  if (world === null) return;
  const parts: string[] = [];
  const count = eventCount.value;
  for (let from = 1; from <= count; from += EVENTS_AT_ONCE) {
    const batch = await ask('events', from, Math.min(count, from + EVENTS_AT_ONCE - 1));
    parts.push(batch.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }
  download(`${world.lab}-${world.id}.jsonl`, new Blob(parts, { type: 'application/jsonl' }));
}
