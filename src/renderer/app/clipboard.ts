/** Text for the clipboard. Where the page may not write to it, the person gets the text to see. True if it is there. */
import { shown } from '../lab/store.ts';

export async function copyText(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    shown.trouble = `The clipboard is not open to this page. ${what} is:\n${text}`;
    return false;
  }
}
