/** Opening labs, from the welcome page and from the menu: one at a time. Their clocks stand: a person reads first. */
import { ref } from 'vue';
import type { KeptLab } from '../../contract/page-api.ts';
import { LAB_FILE_BYTES_MAX } from '../../contract/sizes.ts';
import { openLab, openText, reopen, shown } from '../lab/store.ts';

/** What is being opened: a lab's id, a file's name, or a kept lab's id. */
export const opening = ref<string | null>(null);

async function opened(name: string, open: () => Promise<boolean>): Promise<boolean> {
  if (opening.value !== null) return false;
  opening.value = name;
  const went = await open();
  opening.value = null;
  return went;
}

export const start = (lab: string): Promise<boolean> => opened(lab, () => openLab(lab));
/** Where it stood when it was closed. */
export const goOn = ({ id }: KeptLab): Promise<boolean> => opened(id, () => reopen(id));

/** A mistake in a lab file, with the line that it is about. */
export interface FileMistake {
  line: number | null;
  message: string;
  source: string;
}

/** Open a lab file that a person brought. Returns what is wrong with it; empty when it was opened. */
export async function startFile(file: File): Promise<FileMistake[]> {
  if (/\.jsonl$/i.test(file.name))
    return [
      {
        line: null,
        message: `${file.name} is the record of a run, for a ticket or a program: it can’t be run again. A lab that was closed goes on from “Where you stopped”, in the menu of labs.`,
        source: '',
      },
    ];
  if (!/\.ya?ml$/i.test(file.name))
    return [{ line: null, message: `${file.name} is not a lab file: bring one that ends in .yaml.`, source: '' }];
  if (file.size > LAB_FILE_BYTES_MAX)
    return [
      {
        line: null,
        message: `${file.name} has ${Math.ceil(file.size / 1e6)} MB: a lab file may have ${LAB_FILE_BYTES_MAX / 1e6} MB at most.`,
        source: '',
      },
    ];
  const text = await file.text();
  if (await opened(file.name, () => openText(file.name, text))) return [];
  const told = shown.trouble ?? 'It could not be opened.';
  shown.trouble = null;
  const lines = text.split('\n');
  return told.split('\n').map((words) => {
    // `file:line:column: message`, as the lab's loader writes it.
    const found = words.startsWith(`${file.name}:`)
      ? /^(\d+):\d+: (.*)$/.exec(words.slice(file.name.length + 1))
      : null;
    return found === null
      ? { line: null, message: words, source: '' }
      : { line: Number(found[1]), message: found[2] ?? '', source: lines[Number(found[1]) - 1] ?? '' };
  });
}

/** The same where no list of mistakes is at hand: the trouble line says them. */
export async function openFile(file: File): Promise<void> {
  const mistakes = await startFile(file);
  if (mistakes.length > 0)
    shown.trouble = mistakes
      .map(({ line, message }) => (line === null ? message : `${file.name}, line ${line}: ${message}`))
      .join('\n');
}
