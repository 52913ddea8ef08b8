// @ts-check
/** Draws the losses of many starts on a log axis while they are trained. */

import { make } from "./elements.js";
import { readable } from "./words.js";

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 44;

/**
 * The test loss of each start after each epoch, NaN where there is none yet.
 *
 * @typedef {object} Losses
 * @property {string} colour
 * @property {Float32Array[]} starts
 * @property {number} all up to this epoch every start has one
 */

/**
 * Draw the axes once.
 *
 * @param {HTMLElement} place
 * @param {number} epochs
 * @param {string} alt
 * @returns {(networks: Losses[]) => void} draws the curves: each start's, and bold their median
 */
export function drawCurves(place, epochs, alt) {
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": alt };
  const svg = make("svg:svg", { ...box, class: "curves" }, place);
  const axes = make("svg:g", {}, svg);
  const lines = make("svg:g", { fill: "none" }, svg);
  const x = (/** @type {number} */ epoch) =>
    LEFT + ((epoch - 1) / Math.max(1, epochs - 1)) * (WIDTH - LEFT - RIGHT);
  /** @type {[number, number]} */
  let range = [0, 0];

  return (networks) => {
    const [low, high] = decadesOf(networks, range);
    const y = (/** @type {number} */ loss) =>
      TOP +
      (HEIGHT - TOP - BOTTOM) *
        (1 - (Math.min(high, Math.max(low, Math.log10(loss))) - low) / (high - low));
    if (low !== range[0] || high !== range[1]) drawAxes(axes, { low, high, epochs, x, y });
    range = [low, high];
    lines.replaceChildren();
    for (const { colour, starts, all } of networks) {
      const median = Float32Array.from({ length: all }, (_, k) => medianOf(starts, k));
      for (const each of starts) {
        make("svg:path", { d: pathOf(each, x, y), stroke: colour, opacity: 0.5 }, lines);
      }
      const bold = { d: pathOf(median, x, y), stroke: colour, "stroke-width": 3 };
      make("svg:path", bold, lines);
    }
  };
}

/**
 * Return the median of the finite ones of some numbers; NaN if there is none.
 *
 * @param {ArrayLike<number>[]} starts
 * @param {number} k
 */
export function medianOf(starts, k) {
  const found = starts.map((each) => each[k]).filter(Number.isFinite);
  found.sort((a, b) => a - b);
  const half = found.length / 2;
  return found.length ? (found[Math.floor(half)] + found[Math.ceil(half) - 1]) / 2 : Number.NaN;
}

/**
 * Return the powers of ten that the axis goes from and to. It never shrinks.
 *
 * @param {Losses[]} networks
 * @param {[number, number]} range
 * @returns {[number, number]}
 */
function decadesOf(networks, [low, high]) {
  let [from, to] = low < high ? [low, high] : [Infinity, -Infinity];
  for (const loss of networks.flatMap(({ starts }) => starts.flatMap((each) => [...each]))) {
    if (!(loss > 0) || !Number.isFinite(loss)) continue;
    from = Math.min(from, Math.floor(Math.log10(loss)));
    to = Math.max(to, Math.ceil(Math.log10(loss)));
  }
  if (from > to) return [-3, 0];
  return [from, Math.max(to, from + 1)];
}

/**
 * @param {SVGElement} axes
 * @param {{low: number, high: number, epochs: number, x: (epoch: number) => number,
 *   y: (loss: number) => number}} scale
 */
function drawAxes(axes, { low, high, epochs, x, y }) {
  axes.replaceChildren();
  const word = { "font-size": 14, fill: "currentColor" };
  const every = Math.ceil((high - low) / 6);
  for (let power = Math.ceil(low / every) * every; power <= high; power += every) {
    const at = y(10 ** power);
    const rule = { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at, stroke: "currentColor" };
    make("svg:line", { ...rule, "stroke-opacity": 0.2 }, axes);
    const text = power < -3 || power > 3 ? readable(10 ** power).slice(4) : String(10 ** power);
    make("svg:text", { ...word, x: LEFT - 8, y: at + 5, "text-anchor": "end", text }, axes);
  }
  const steps = Math.max(1, Math.ceil(epochs / 6));
  for (let epoch = steps; epoch <= epochs; epoch += steps) {
    const place = { x: x(epoch), y: HEIGHT - 24, "text-anchor": "middle" };
    make("svg:text", { ...word, ...place, text: epoch }, axes);
  }
  const middle = { x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" };
  make("svg:text", { ...word, ...middle, text: "epoch" }, axes);
}

/**
 * Return a line through the losses that are there. A single one is a short dash.
 *
 * @param {Float32Array} losses
 * @param {(epoch: number) => number} x
 * @param {(loss: number) => number} y
 */
function pathOf(losses, x, y) {
  let path = "";
  losses.forEach((loss, k) => {
    if (Number.isNaN(loss)) return;
    const at = `${x(k + 1).toFixed(1)} ${y(loss).toFixed(1)}`;
    path += path ? `L${at}` : `M${at}h2`;
  });
  return path;
}
