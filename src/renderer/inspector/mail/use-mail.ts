/** A message as one looks at it: its story up to this moment, and the bytes of the copy that one chose. */
import { computed, ref, watch } from 'vue';
import type { BodyRef, HostKey } from '../../../contract/model.ts';
import { followEvents } from '../../lab/follow.ts';
import { ask } from '../../lab/store.ts';
import { useAsked } from '../at-moment.ts';
import type { OpenMail } from './open-mail.ts';
import { startMailThread } from './mail-thread.ts';
import { readMail } from './read-mail.ts';
import { createStory } from './story.ts';

/** Larger messages are read up to here only: what is beyond is for programs. */
const READ_BYTES_MAX = 2_000_000;

/** The message as a host has it, or as it lies in a mailbox there, with the lines that were put above it. */
export interface Copied {
  key: string;
  words: string;
  host: HostKey;
  body: BodyRef;
  prefix: string;
}

export function useMail(mail: () => string) {
  const story = followEvents(createStory, mail);
  const copies = computed<Copied[]>(() => {
    const it = story.value;
    if (it === null) return [];
    const kept = it.copies.map((copy): Copied => ({
      key: `${copy.host} ${copy.queueId}`,
      words: copy.host.toUpperCase(),
      host: copy.host,
      body: copy.body,
      prefix: '',
    }));
    const boxes = it.boxes.map(({ host, user, message }): Copied => ({
      key: `${host} ${user} ${message.queueId}`,
      words: `${user}’s mailbox`,
      host,
      body: message.body,
      prefix: message.prefix,
    }));
    return [...kept, ...boxes];
  });
  const chosen = ref<string | null>(null);
  watch(mail, () => void (chosen.value = null));
  /** What the last who got it has. */
  const copy = computed(() => copies.value.find(({ key }) => key === chosen.value) ?? copies.value.at(-1) ?? null);
  const key = computed(() => copy.value?.key ?? null);
  let opened: { key: string | null; mail: OpenMail } | null = null;
  const asked = useAsked(async (): Promise<{ key: string | null; mail: OpenMail } | null> => {
    const wanted = copy.value;
    if (wanted === null) return null;
    if (opened?.key === wanted.key) return opened;
    const { offset, size } = wanted.body;
    const raw = await ask('message', { offset, size: Math.min(size, READ_BYTES_MAX) });
    opened = { key: wanted.key, mail: await readMail(wanted.prefix + raw, startMailThread) };
    return opened;
  }, [key]);
  const open = computed(() => (asked.answer.value?.key === key.value ? (asked.answer.value?.mail ?? null) : null));
  return {
    story,
    copies,
    copy,
    open,
    trouble: asked.trouble,
    choose: (wanted: string) => void (chosen.value = wanted),
  };
}
