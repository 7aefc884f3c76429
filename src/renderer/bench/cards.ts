/** Hosts as cards on the map: where each stands. Lengths in px, from the map's upper left corner. Types only. */
import type { HostKey } from '../../contract/model.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Card extends Box {
  key: HostKey;
  column: number;
  /** Cards in its column. */
  rowCount: number;
  row: number;
  inside: boolean;
  /** Where who writes mail at this host sits: the middle of the gutter beside it. Null where there is no room. */
  person: { x: number; y: number; side: 'left' | 'right' } | null;
}
