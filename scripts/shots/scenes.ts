/** All scenes, each in a program of its own that begins at the welcome page. */
import type { Stage } from './stage.ts';
import { benchScenes } from './scenes-bench.ts';
import { edgeScenes } from './scenes-edge.ts';
import { inspectorScenes } from './scenes-inspector.ts';
import { pageScenes } from './scenes-pages.ts';

export interface Scene {
  name: string;
  /** Plays to its moments, and saves a picture of each. */
  play: (stage: Stage) => Promise<void>;
}

export const SCENES: Scene[] = [...benchScenes, ...inspectorScenes, ...pageScenes, ...edgeScenes];
