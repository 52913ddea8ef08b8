// @ts-check
/** The stage on a page that was kept as a file: its bytes stand in the page itself. */

import { putTraining } from "./again.js";
import { putStage } from "./stage.js";
import { asAsked } from "./view.js";
import { answerAsWorker } from "./workers.js";

/**
 * Put the stage where the page has its place, from the elements "run", the bytes in base64, and
 * "view", what to begin with as JSON; and “Train again”, from "training", compressed bytes in base64.
 * Without them nothing happens. In a worker, which has no page, train.
 */
export function start() {
  if (typeof document === "undefined") answerAsWorker();
  else showKept();
}

async function showKept() {
  const source = document.currentScript?.textContent ?? "";
  const place = document.getElementById("stage");
  const run = bytesIn("run");
  if (!place || !run) return;
  const asked = JSON.parse(document.getElementById("view")?.textContent ?? "{}");
  let stage = putStage(place, run, { view: asked });
  const again = document.getElementById("again");
  const compressed = bytesIn("training");
  if (!again || !compressed) return;
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const training = new Uint8Array(await new Response(stream).arrayBuffer());
  const show = (/** @type {Uint8Array} */ other, /** @type {number} */ epoch) => {
    stage.remove();
    stage = putStage(place, other, { view: { ...asAsked(stage.view), epoch } });
    return stage;
  };
  putTraining(again, { run, training, source, show });
}

/**
 * @param {string} id
 * @returns {Uint8Array<ArrayBuffer> | null} what stands in an element in base64
 */
function bytesIn(id) {
  const text = document.getElementById(id)?.textContent;
  return text ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) : null;
}
