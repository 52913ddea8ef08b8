// @ts-check
/** Draws the weights of test windows, one row each, and lets one be chosen. */

import { colours } from "./colours.js";
import { make, paint, put } from "./elements.js";
import { weightsOfWindow } from "./scene.js";
import { readable, stepName } from "./words.js";

/** Of more rows than this each has too little room for a ring around a step. */
const DENSE = 80;

/** How long the rows of one frame may take, in milliseconds; the others follow in the next. */
const SLICE = 8;

/**
 * Draw the heatmap once.
 *
 * @param {HTMLElement} place
 * @param {import("./controls.js").Stage} stage
 * @param {import("./layout.js").Layout} layout
 * @param {(index: number) => void} choose called with the index of the chosen test window
 * @returns {() => void} draws it for the stage's view as it is now
 */
export function drawHeatmap(place, stage, layout, choose) {
  const { scene, view } = stage;
  const windows = scene.rows(view.all);
  const rows = windows.length;
  const lowest = layout.wide ? Math.max(180, layout.axis - 84) : Math.min(320, 8 * rows);
  const [sampled, all] = scene.words.rows.heatmap;
  const title = rows === scene.windows ? all : sampled;
  make("p", { class: "title", text: title }, place);
  const box = make(
    "div",
    {
      class: "map",
      tabindex: 0,
      role: "slider",
      "aria-label": title,
      "aria-valuemin": 1,
      "aria-valuemax": rows,
    },
    place,
  );
  box.style.height = `${Math.max(lowest, rows)}px`;
  const canvas = make("canvas", { "aria-hidden": true }, box);
  const svg = make(
    "svg:svg",
    { viewBox: `0 0 ${scene.steps} ${rows}`, preserveAspectRatio: "none", "aria-hidden": true },
    box,
  );
  const ringed = rings(svg, scene, windows);
  const mark = make("svg:rect", { x: 0, width: scene.steps, height: 1, class: "row" }, svg);
  drawKey(place, scene, ringed);
  drawSwitch(place, stage);
  const said = make("span", {}, make("p", { class: "hover" }, place));
  const weights = new Float32Array(rows * scene.steps);
  const order = Array.from(scene.order);
  const fill = filling(canvas, stage, windows, weights);

  /** @param {PointerEvent} event */
  const at = (event) => {
    const { left, top, width, height: tall } = box.getBoundingClientRect();
    const within = (/** @type {number} */ share, /** @type {number} */ count) =>
      Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return {
      row: within((event.clientY - top) / tall, rows),
      step: within((event.clientX - left) / width, scene.steps),
    };
  };
  box.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    box.setPointerCapture(event.pointerId);
    choose(windows[at(event).row]);
  });
  box.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const { row, step } = at(event);
    if (event.buttons) choose(windows[row]);
    const value = scene.window(windows[row])[step * scene.features];
    const weight = weights[row * scene.steps + step];
    const which = `window ${order.indexOf(windows[row]) + 1}, ${stepName(scene.steps, step)}`;
    put(said, {
      class: "pointed",
      text: `${which}: value ${readable(value)}, weight ${readable(weight)}`,
    });
  });
  box.addEventListener("pointerleave", () => {
    put(said, { text: "", class: "" });
    stage.changed();
  });
  let current = 0;
  box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const to = {
      ArrowUp: current - 1,
      ArrowDown: current + 1,
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      Home: 0,
      End: rows - 1,
      PageUp: current - 8,
      PageDown: current + 8,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(windows[Math.max(0, Math.min(rows - 1, to))]);
  });

  return () => {
    fill();
    current = nearest(scene, windows, view.window);
    const own = windows[current] === view.window;
    put(mark, { y: current, class: own ? "row" : "row near" });
    const other = own ? "" : ", the nearest: the chosen window is not in the sample";
    put(box, {
      "aria-valuenow": current + 1,
      "aria-valuetext": `row ${current + 1} of ${rows}${other}`,
    });
    if (!said.matches(".pointed"))
      put(said, { text: own ? "" : "dashed: the nearest in the sample" });
  };
}

/**
 * Return the function that computes and paints the rows for the view as it is now.
 *
 * What takes longer than a frame has room for goes on in the next ones, row after row in turn, so
 * that none stays behind while the view moves on.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {import("./controls.js").Stage} stage
 * @param {number[]} windows the indices of the rows' windows
 * @param {Float32Array} weights (rows, steps), filled in
 * @returns {() => void}
 */
function filling(canvas, { scene, view }, windows, weights) {
  const colour = colours(scene.words.colours.scale);
  const { steps } = scene;
  let shown = "";
  let next = 0;
  let left = 0;
  let frame = 0;
  function more() {
    frame = 0;
    const until = performance.now() + SLICE;
    for (; left && performance.now() < until; left--, next = (next + 1) % windows.length)
      weights.set(weightsOfWindow(scene, view, windows[next]), next * steps);
    paint(canvas, steps, windows.length, (row, step) =>
      colour(weights[row * steps + step] / scene.words.weightsTo),
    );
    if (left && canvas.isConnected) frame = requestAnimationFrame(more);
  }
  return () => {
    const wanted = `${view.start} ${view.epoch} ${view.ahead}`;
    if (wanted === shown) return;
    shown = wanted;
    left = windows.length;
    cancelAnimationFrame(frame);
    more();
  };
}

/**
 * Draw the button between the sample and all windows, where there are more than the sample has.
 *
 * @param {HTMLElement} place
 * @param {import("./controls.js").Stage} stage
 */
function drawSwitch(place, stage) {
  const { scene, view } = stage;
  if (scene.rows(false).length === scene.windows) return;
  const text = view.all ? "Show a sample" : `Show all ${scene.windows}`;
  const button = make("button", { type: "button", class: "switch", text }, place);
  button.onclick = () => {
    view.all = !view.all;
    stage.changed(true);
    stage.settled();
  };
}

/**
 * Return the row whose window is the chosen one, else the one with the nearest target.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {number[]} windows
 * @param {number} index
 * @returns {number}
 */
function nearest(scene, windows, index) {
  const row = windows.indexOf(index);
  if (row >= 0) return row;
  const target = scene.target(index, 0);
  const far = windows.map((each) => Math.abs(scene.target(each, 0) - target));
  return far.indexOf(Math.min(...far));
}

/**
 * Ring the steps that the rule needs, or mark their left edges; return whether there are any.
 *
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {number[]} windows
 * @returns {boolean}
 */
function rings(svg, scene, windows) {
  let count = 0;
  windows.forEach((index, row) => {
    for (let step = 0; step < scene.steps; step++) {
      if (!scene.needed(index, step)) continue;
      const [width, kind] = windows.length > DENSE ? [0.15, "edge"] : [1, "ring"];
      make("svg:rect", { x: step, y: row, width, height: 1, class: kind }, svg);
      count += 1;
    }
  });
  return count > 0;
}

/**
 * Draw the key to the colours.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 * @param {boolean} ringed whether any step is ringed
 */
function drawKey(place, scene, ringed) {
  const key = make("p", { class: "key" }, place);
  make("span", { text: "0" }, key);
  const bar = make("span", { class: "keybar" }, key);
  bar.style.background = `linear-gradient(to right, ${scene.words.colours.scale.join(",")})`;
  make("span", { text: readable(scene.words.weightsTo) }, key);
  if (ringed) make("span", { class: "ringed", text: "needed" }, key);
}
