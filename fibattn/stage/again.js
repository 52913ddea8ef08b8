// @ts-check
/** “Train again” on a kept page: both networks from new random starts, while one looks on. */

import { drawCurves, medianOf } from "./curves.js";
import { make, put } from "./elements.js";
import { unpack } from "./unpacking.js";
import { readable } from "./words.js";
import { trainAside } from "./workers.js";

/** @typedef {import("./training.js").Epoch} Epoch */
/** @typedef {import("./training.js").Job} Job */

/**
 * Puts a stage of other bytes in the place of the one that stands there, at an epoch.
 *
 * @typedef {(run: Uint8Array, epoch: number) =>
 *   {view: import("./view.js").View, changed: () => void}} Show
 */

/** So often it is drawn, in milliseconds: the processor is needed for training. */
const REDRAW = 80;
const NAMES = ["plain", "attention"];

/**
 * A training that is watched.
 *
 * @typedef {object} Watched
 * @property {number} total how many epochs of single starts there are
 * @property {number} done
 * @property {number} begun when, in milliseconds
 * @property {Record<string, Float32Array[]>} losses test losses by network and start
 * @property {Record<string, Float32Array>} reached epochs trained by network and start
 */

/**
 * Put the button and what it shows into an element.
 *
 * @param {HTMLElement} place
 * @param {object} kept
 * @param {Uint8Array} kept.run the stage's bytes
 * @param {Uint8Array} kept.training what was packed for training
 * @param {string} kept.source this script's text
 * @param {Show} kept.show
 */
export function putTraining(place, { run, training, source, show }) {
  const { words, arrays } = unpack(training);
  const { starts, colours } = unpack(run).words;
  const count = Math.min(starts.length, arrays["plain.weights"].shape[0]);
  const many = count === 1 ? "one random start" : `${count} random starts`;
  make("h2", { text: "Train again" }, place);
  const columns = make("div", { class: "columns" }, place);
  const left = make("div", {}, columns);
  const intro = `Both networks, here on this page, from ${many} that nobody has tried yet.`;
  make("p", { text: intro }, left);
  const bar = make("p", { class: "actions" }, left);
  const button = make("button", { type: "button", text: "Train again" }, bar);
  const back = make("button", { type: "button", text: "Show the kept run", hidden: true }, bar);
  const progress = make("progress", { "aria-label": "Training", value: 0, hidden: true }, bar);
  const rest = make("span", { class: "rest" }, bar);
  const said = make("p", { role: "status" }, left);
  const picture = make("div", { hidden: true }, columns);
  drawLegend(picture, colours);
  const alt = `Test loss of ${many} of each network over ${words.epochs} epochs, while they train.`;
  let tried = 0;
  let stop = () => {};
  let running = false;

  const ends = (/** @type {string} */ sentence) => {
    stop();
    running = false;
    put(button, { text: "Train again" });
    put(progress, { hidden: true });
    put(rest, { text: "" });
    put(said, { text: sentence });
  };

  button.addEventListener("click", () => {
    if (running) {
      ends("Stopped.");
      return;
    }
    running = true;
    const stock = arrays["plain.weights"].shape[0];
    const jobs = jobsOf(count, tried, stock);
    tried = (tried + count) % stock;
    const total = jobs.length * words.epochs;
    put(button, { text: "Stop" });
    put(back, { hidden: null });
    put(progress, { hidden: null, max: total, value: 0 });
    put(said, { text: `Training ${many} of both networks.` });
    put(picture, { hidden: null });
    picture.querySelector("svg")?.remove();
    const draw = drawCurves(picture, words.epochs, alt);
    const watched = watch(jobs, words.epochs, count);
    const stage = fresh(run, arrays, jobs, show);
    bringIntoView(place);
    let waiting = 0;
    const redraw = () => {
      waiting = 0;
      draw(
        NAMES.map((name) => ({
          colour: colours[name],
          starts: watched.losses[name],
          all: Math.min(...watched.reached[name]),
        })),
      );
      stage.follow(watched);
      put(progress, { value: watched.done });
      const seconds = (performance.now() - watched.begun) / 1000;
      const left = (seconds / Math.max(1, watched.done)) * (total - watched.done);
      put(rest, { text: running ? `${Math.ceil(left)} s left` : "" });
    };
    stop = trainAside(
      source,
      { run, training },
      jobs.map(({ job }) => job),
      (epoch) => {
        if (!running) return;
        const { place } = /** @type {{place: number}} */ (
          jobs.find(({ job }) => job.network === epoch.network && job.start === epoch.start)
        );
        stage.take(epoch, place);
        watched.losses[epoch.network][place][epoch.epoch - 1] = epoch.valLoss;
        watched.reached[epoch.network][place] = epoch.epoch;
        watched.done += 1;
        if (watched.done === total) {
          ends(outcome(watched, words, count));
          clearTimeout(waiting);
          redraw();
        } else waiting ||= setTimeout(redraw, REDRAW);
      },
    );
  });

  back.addEventListener("click", () => {
    if (running) ends("Stopped.");
    show(run, words.epochs);
    put(back, { hidden: true });
    put(picture, { hidden: true });
    put(said, { text: "The stage shows the kept run." });
    button.focus();
  });
}

/**
 * Scroll so that the stage and the curves are both seen, where there is room for both.
 *
 * @param {HTMLElement} place
 */
function bringIntoView(place) {
  const stage = document.getElementById("stage");
  if (!stage) return;
  const tall = place.getBoundingClientRect().bottom - stage.getBoundingClientRect().top;
  if (tall <= innerHeight) stage.scrollIntoView({ block: "start" });
}

/**
 * Return who is trained: new starts, from number `tried` on, in the places of the stage's.
 *
 * @param {number} count
 * @param {number} tried
 * @param {number} stock how many there are
 * @returns {{job: Job, place: number}[]}
 */
function jobsOf(count, tried, stock) {
  return Array.from({ length: count }, (_, place) =>
    NAMES.map((network) => ({ job: { network, start: (tried + place) % stock }, place })),
  ).flat();
}

/**
 * @param {{job: Job}[]} jobs
 * @param {number} epochs
 * @param {number} count
 * @returns {Watched}
 */
function watch(jobs, epochs, count) {
  const none = () => Array.from({ length: count }, () => new Float32Array(epochs).fill(Number.NaN));
  return {
    total: jobs.length * epochs,
    done: 0,
    begun: performance.now(),
    losses: Object.fromEntries(NAMES.map((name) => [name, none()])),
    reached: Object.fromEntries(NAMES.map((name) => [name, new Float32Array(count)])),
  };
}

/**
 * Put a stage there whose weights are those of a training that has just begun.
 *
 * @param {Uint8Array} run
 * @param {any} stock initial weights of each network, by the names of arrays
 * @param {{job: Job, place: number}[]} jobs
 * @param {Show} show
 */
function fresh(run, stock, jobs, show) {
  // The stage's arrays are views of these bytes: what is written here, it shows.
  const bytes = run.slice();
  const { arrays, words } = unpack(bytes);
  for (const name of NAMES) arrays[`${name}.errors`].values.fill(Number.NaN);
  const put = (
    /** @type {string} */ network,
    /** @type {number} */ place,
    /** @type {number} */ first,
    /** @type {ArrayLike<number>} */ weights,
  ) => {
    const { values, shape } = arrays[`${network}.weights`];
    // Epochs that are still to come stand as the last one.
    for (let epoch = first; epoch < shape[1]; epoch++) {
      values.set(weights, (place * shape[1] + epoch) * shape[2]);
    }
  };
  for (const { job, place } of jobs) {
    const { values, shape } = stock[`${job.network}.weights`];
    put(job.network, place, 0, values.subarray(job.start * shape[1], (job.start + 1) * shape[1]));
  }
  const stage = show(bytes, 0);
  return {
    /**
     * @param {Epoch} told
     * @param {number} place
     */
    take({ network, epoch, weights, valLoss }, place) {
      put(network, place, epoch, weights);
      const { values, shape } = arrays[`${network}.errors`];
      values[(epoch - 1) * shape[1] + words.starts[place]] = valLoss;
    },
    /** @param {Watched} watched */
    follow({ reached }) {
      const place = words.starts.indexOf(stage.view.start);
      stage.view.epoch = Math.min(...NAMES.map((name) => reached[name][place]));
      stage.changed();
    },
  };
}

/**
 * Say what came of it.
 *
 * @param {Watched} watched
 * @param {any} words
 * @param {number} count
 * @returns {string}
 */
function outcome({ losses, begun }, words, count) {
  const last = words.epochs - 1;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const medians = NAMES.map((name) => `${name} ${readable(medianOf(losses[name], last))}`);
  const [plain, attention] = NAMES.map((name) => losses[name].map((each) => each[last]));
  // A start that diverged has lost, as on the page.
  const lower = attention.filter((loss, start) => Number.isFinite(loss) && !(loss >= plain[start]));
  return (
    `Trained in ${seconds} s. Test error, median of ${count}: ${medians.join(", ")}. With ` +
    `attention it is lower in ${lower.length} of ${count} starts. The stage above shows them.`
  );
}

/**
 * @param {HTMLElement} place
 * @param {Record<string, string>} colours
 */
function drawLegend(place, colours) {
  const legend = make("p", {}, place);
  for (const name of NAMES) {
    const sample = make("span", { class: "sample" }, legend);
    sample.style.color = colours[name];
    legend.append(name);
  }
  legend.append(" · test loss, thin for each start, bold the median");
}
