/** All scenes, each in a program of its own that begins at the welcome page. */
import type { Scene } from './scene.ts';
import { benchScenes } from './scenes-bench.ts';
import { edgeScenes } from './scenes-edge.ts';
import { inspectorScenes } from './scenes-inspector.ts';
import { pageScenes } from './scenes-pages.ts';

export const SCENES: Scene[] = [...benchScenes, ...inspectorScenes, ...pageScenes, ...edgeScenes];
