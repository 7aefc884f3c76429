/** The message under work of each lab: what was typed last stays, also when the dialog is closed. */
import { reactive } from 'vue';
import { bench, shown } from '../lab/store.ts';
import { freshDraft, type SendDraft } from './draft.ts';
import { readEml } from './eml.ts';

const drafts = new Map<string, SendDraft>();

export function currentDraft(): SendDraft {
  const lab = shown.world?.lab ?? '';
  const known = drafts.get(lab);
  if (known !== undefined) return known;
  const draft = reactive(freshDraft(bench.value?.hosts ?? []));
  if (bench.value !== null) drafts.set(lab, draft);
  return draft;
}

/** Take a message file into the draft, with the addresses of its header where they fit. Throws in words. */
export async function takeFile(file: File): Promise<void> {
  const { from, to, ...eml } = await readEml(file);
  const draft = currentDraft();
  draft.eml = eml;
  if (from !== null) draft.from = from;
  if (to.length > 0) draft.to = to.join(', ');
}
