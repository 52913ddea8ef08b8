// @ts-check
/** Trains in Web Workers, or, where a file may not start any, here in slices between frames. */

import { lessonOf, train } from "./training.js";

/** @typedef {import("./training.js").Epoch} Epoch */
/** @typedef {import("./training.js").Job} Job */

/** So many workers at most: more would train no faster in a browser that is also drawing. */
const MOST = 8;

/**
 * Train some starts, and tell of each epoch.
 *
 * @param {string} source this script's own text: a worker runs it too
 * @param {{run: Uint8Array, training: Uint8Array}} bytes what `lessonOf` takes
 * @param {Job[]} jobs
 * @param {(epoch: Epoch) => void} told
 * @returns {() => void} stops it
 */
export function trainAside(source, bytes, jobs, told) {
  const count = Math.min(MOST, jobs.length, navigator.hardwareConcurrency || 2);
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  /** @type {(() => void)[]} */
  const stops = [];
  for (let k = 0; k < count; k++) {
    const share = jobs.filter(
      ({ start, network }) => (start + Number(network === "plain")) % count === k,
    );
    let heard = false;
    const here = () => {
      if (!heard) stops.push(trainHere(bytes, share, told));
      heard = true;
    };
    try {
      const worker = new Worker(address);
      worker.onmessage = ({ data }) => {
        heard = true;
        told(data);
      };
      worker.onerror = here;
      worker.postMessage({ ...bytes, jobs: share });
      stops.push(() => worker.terminate());
    } catch {
      here();
    }
  }
  return () => {
    for (const stop of stops) stop();
    URL.revokeObjectURL(address);
  };
}

/**
 * Train between frames: one start's epoch at a time.
 *
 * @param {{run: Uint8Array, training: Uint8Array}} bytes
 * @param {Job[]} jobs
 * @param {(epoch: Epoch) => void} told
 * @returns {() => void} stops it
 */
function trainHere({ run, training }, jobs, told) {
  const epochs = train(lessonOf(run, training), jobs);
  let waiting = 0;
  const slice = () => {
    const next = epochs.next();
    if (next.done) return;
    told(next.value);
    waiting = setTimeout(slice);
  };
  waiting = setTimeout(slice);
  return () => clearTimeout(waiting);
}

/** Train what one is asked to, inside a worker. */
export function answerAsWorker() {
  globalThis.onmessage = ({ data }) => {
    for (const epoch of train(lessonOf(data.run, data.training), data.jobs)) postMessage(epoch);
  };
}
