/** A lab file; all of it is kept in the lab's journal. Bytes. */
export const LAB_FILE_BYTES_MAX = 1_000_000;
/** A message in a file (`eml` of a lab file, or brought to the window). Bytes. */
export const MAIL_FILE_BYTES_MAX = 25_000_000;
/** What one act may bring with it: it is one event of the journal. Characters. */
export const ACT_LENGTH_MAX = 64_000_000;
