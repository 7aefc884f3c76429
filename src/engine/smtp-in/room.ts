/** Room for messages that programs from outside have begun and not finished: any number of them may stop in the middle of one. */

/** In sum for a host. */
const UNFINISHED_BYTES_MAX = 128 * 1024 * 1024;

export interface Room {
  /** False: there is no room for so many bytes more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Room for the lab's own hosts, which end what they begin. */
export const AMPLE: Room = { take: () => true, give: () => undefined };

export function createRoom(): Room {
  let unfinishedBytes = 0;
  return {
    take(bytes) {
      if (unfinishedBytes + bytes > UNFINISHED_BYTES_MAX) return false;
      unfinishedBytes += bytes;
      return true;
    },
    give(bytes) {
      unfinishedBytes -= bytes;
    },
  };
}
