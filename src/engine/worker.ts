/**
 * A lab in a worker thread, so that a flood of mail never makes a window stutter: opens the lab that `workerData`
 * names and serves the contract on the thread's port.
 */
import { parentPort, workerData, type MessagePort, type Worker } from 'node:worker_threads';
import type { Channel } from '../contract/channel.ts';
import { createRealPacer, type Pace } from './clock/index.ts';
import { branchLab } from './branch.ts';
import { openLab, type Lab, type LabOptions } from './lab.ts';
import { serveLab } from './service.ts';

export type WorkerOptions = Pick<
  LabOptions,
  'scenario' | 'dir' | 'seed' | 'version' | 'dnsPort' | 'dnsPortOrAny' | 'script' | 'salvage'
> & {
  /** Left out: as fast as it can. */
  pace?: Pace;
  /** The clock stands until someone starts it. So does a branch's, where it left. */
  paused?: boolean;
  /** Go on from this event of another lab, in `dir`. */
  branchOf?: { dir: string; n: number };
};

/** A MessagePort, or a Worker seen from outside, as a channel of the contract. */
export function portChannel(port: MessagePort | Worker): Channel {
  const emitter = port as unknown as NodeJS.EventEmitter;
  return {
    post: (message) => port.postMessage(message),
    on: (heard) => void emitter.on('message', heard),
    onClose(closed) {
      emitter.once('close', closed);
      emitter.once('exit', closed);
    },
  };
}

if (parentPort !== null) await runLab(parentPort, workerData as WorkerOptions);

/** Opens the lab and serves it until it is closed. Whatever ends it otherwise is posted in words, and its folder is given back. */
async function runLab(port: MessagePort, { branchOf, pace, paused, ...options }: WorkerOptions): Promise<void> {
  const complain = (message: string): void => port.postMessage({ news: 'trouble', args: [message] });
  let lab: Lab | null = null;
  try {
    lab =
      branchOf === undefined
        ? await openLab({ ...options, complain })
        : await branchLab(
            { from: branchOf.dir, n: branchOf.n, to: options.dir as string },
            { version: options.version, complain },
          );
    if (pace !== undefined) lab.driver.setPace(pace);
    if (paused === true) lab.driver.pause();
    serveLab({ ...lab, close: () => closeLab(port, lab as Lab) }, portChannel(port), createRealPacer().after);
    port.postMessage({ ready: { dir: lab.dir, reopened: lab.reopened, title: lab.scenario.title, n: lab.state.n } });
    await lab.driver.run();
  } catch (error) {
    await lab?.close().catch(() => undefined); // it says the same once more
    port.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
}

async function closeLab(port: MessagePort, lab: Lab): Promise<void> {
  await lab.close();
  createRealPacer().after(0, () => port.close()); // behind the answer to the call that closed it
}
