/**
 * A lab in a worker thread, so that a flood of mail never makes a window stutter: opens the lab that `workerData`
 * names and serves the contract on the thread's port.
 */
import { parentPort, workerData, type MessagePort, type Worker } from 'node:worker_threads';
import type { Channel } from '../contract/channel.ts';
import { createRealPacer, type Pace } from './clock/index.ts';
import { branchLab } from './branch.ts';
import { openLab, type LabOptions } from './lab.ts';
import { serveLab } from './service.ts';

export type WorkerOptions = Pick<LabOptions, 'scenario' | 'dir' | 'seed' | 'version' | 'dnsPort' | 'dnsPortOrAny' | 'script'> & {
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

if (parentPort !== null) {
  const port = parentPort;
  const options = workerData as WorkerOptions;
  try {
    const complain = (message: string): void => port.postMessage({ news: 'trouble', args: [message] });
    const { branchOf, version } = options;
    const lab = branchOf === undefined
      ? await openLab({ ...options, complain })
      : await branchLab({ from: branchOf.dir, n: branchOf.n, to: options.dir as string }, { version, complain });
    if (options.pace !== undefined) lab.driver.setPace(options.pace);
    if (options.paused === true) lab.driver.pause();
    const { after } = createRealPacer();
    const close = async (): Promise<void> => {
      await lab.close();
      after(0, () => port.close()); // behind the answer to the call that closed it
    };
    serveLab({ ...lab, close }, portChannel(port), after);
    port.postMessage({ ready: { dir: lab.dir, reopened: lab.reopened, title: lab.scenario.title, n: lab.state.n } });
    await lab.driver.run();
  } catch (error) {
    port.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
}
