/** A scene: what is played through the page, and pictured. */
import type { Stage } from './stage.ts';

export interface Scene {
  name: string;
  /** Plays to its moments, and saves a picture of each. */
  play: (stage: Stage) => Promise<void>;
}
