/** The message under work of each lab: what was typed last stays, also when the dialog is closed. */
import { reactive } from 'vue';
import { bench, shown } from '../lab/store.ts';
import { freshDraft, type SendDraft } from './draft.ts';
import { readEml } from './eml.ts';
import { base64 } from './mime.ts';

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

const FILES_BYTES_MAX = 10_000_000;

/** Put files beside the text. Throws in words. */
export async function attachFiles(files: readonly File[]): Promise<void> {
  const draft = currentDraft();
  const sizeBytes = [...draft.files.map((file) => file.sizeBytes), ...files.map(({ size }) => size)].reduce((sum, size) => sum + size, 0);
  if (sizeBytes > FILES_BYTES_MAX) throw new Error(`That is ${Math.ceil(sizeBytes / 1e6)} MB of files: ${FILES_BYTES_MAX / 1e6} MB is the most that can be sent from here`);
  for (const file of files) draft.files.push({ name: file.name, type: file.type, base64: base64(new Uint8Array(await file.arrayBuffer())), sizeBytes: file.size });
}
