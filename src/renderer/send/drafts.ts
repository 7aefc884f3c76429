/**
 * The messages under work of each world: one of a person's own, and the letters that the guide speaks of, as it has them.
 * What was typed last stays, also when the dialog is closed, until it is sent.
 */
import { computed, reactive } from 'vue';
import { bench, events, shown } from '../lab/store.ts';
import { draftOf, freshDraft, type SendDraft } from './draft.ts';
import { readEml } from './eml.ts';
import { base64 } from './mime.ts';

/** A letter of the guide. */
export interface GuideLetter {
  id: string;
  /** Index of its step. */
  step: number;
  title: string;
  /** One, and no spam. */
  plain: boolean;
  sent: boolean;
}

const OWN = 'own';
const drafts = new Map<string, SendDraft>();
/** Which one the dialog has open, in each world and at each step of its guide. */
const chosen = reactive(new Map<string, string>());
const place = (): string => `${shown.world?.id ?? ''} ${shown.guideStep}`;

const letters = computed(() =>
  (shown.lesson?.guide ?? []).flatMap(({ sends }, step) =>
    sends.map((plan, index) => ({ id: `${step} ${index}`, step, plan })),
  ),
);

/** Names of all that was handed in, by a person or a script. */
function namesSent(): Set<string> {
  const names = new Set<string>();
  for (const event of events.value) {
    if (event.kind !== 'person-act' || event.act.do !== 'send') continue;
    for (const { name } of event.act.messages) if (name !== null) names.add(name);
  }
  return names;
}

export function guideLetters(): GuideLetter[] {
  const names = namesSent();
  return letters.value.map(({ id, step, plan: { message, count } }) => {
    const { name, subject, spam } = message;
    return {
      id,
      step,
      title: count > 1 ? `${count} × “${subject}”` : `“${subject}”`,
      plain: count === 1 && !spam,
      sent: name !== null && names.has(count > 1 ? `${name}-1` : name),
    };
  });
}

/** What the step that a person is at sends; else what the guide sends next, if it is no flood; else one of one's own. */
function choice(): string {
  const next = guideLetters().find(({ step, sent }) => step >= shown.guideStep && !sent);
  return next !== undefined && (next.plain || next.step === shown.guideStep) ? next.id : OWN;
}

/** The dialog opens: with what it had open here before, or with what is likely to be sent now. */
export function openDraft(): void {
  if (!chosen.has(place())) choose(choice());
}

/** What the dialog has open. */
export const currentChoice = (): string => chosen.get(place()) ?? OWN;

export const choose = (id: string): void => void chosen.set(place(), id);

export function currentDraft(): SendDraft {
  const id = currentChoice();
  const key = `${shown.world?.id ?? ''} ${id}`;
  const known = drafts.get(key);
  if (known !== undefined) return known;
  const letter = letters.value.find((one) => one.id === id);
  const draft = reactive(letter === undefined ? freshDraft(bench.value?.hosts ?? []) : draftOf(letter.plan));
  if (bench.value !== null) drafts.set(key, draft);
  return draft;
}

/** What is for one sending only. */
const forOne = (): Partial<SendDraft> => ({
  eml: null,
  files: [],
  count: '1',
  every: '0',
  connections: '1',
  size: '',
  notify: [],
  ret: '',
  envid: '',
  name: '',
});

/** It was sent. Of one's own the text stays for the next; after a letter of the guide comes another. */
export function draftSent(): void {
  const id = currentChoice();
  if (id === OWN) return void Object.assign(currentDraft(), forOne());
  drafts.delete(`${shown.world?.id ?? ''} ${id}`);
  chosen.delete(place());
}

/** Take a message file into a draft of one's own, with the addresses of its header where they fit. Throws in words. */
export async function takeFile(file: File): Promise<void> {
  const { from, to, subject, ...eml } = await readEml(file);
  choose(OWN);
  const draft = currentDraft();
  Object.assign(draft, forOne(), { eml, subject });
  if (from !== null) draft.from = from;
  if (to.length > 0) draft.to = to.join(', ');
}

const FILES_BYTES_MAX = 10_000_000;

/** Put files beside the text. Throws in words. */
export async function attachFiles(files: readonly File[]): Promise<void> {
  const draft = currentDraft();
  const sizeBytes = [...draft.files.map((file) => file.sizeBytes), ...files.map(({ size }) => size)].reduce(
    (sum, size) => sum + size,
    0,
  );
  if (sizeBytes > FILES_BYTES_MAX)
    throw new Error(
      `That is ${Math.ceil(sizeBytes / 1e6)} MB of files: ${FILES_BYTES_MAX / 1e6} MB is the most that can be sent from here`,
    );
  for (const file of files)
    draft.files.push({
      name: file.name,
      type: file.type,
      base64: base64(new Uint8Array(await file.arrayBuffer())),
      sizeBytes: file.size,
    });
}
