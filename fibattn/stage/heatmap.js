// @ts-check
/** Draws the weights of a sample of test windows, one row each, and lets one be chosen. */

import { colours } from "./colours.js";
import { make, paint, put } from "./elements.js";
import { weightsOfSample } from "./scene.js";
import { readable, stepName } from "./words.js";

/**
 * Draw the heatmap once.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 * @param {import("./layout.js").Layout} layout
 * @param {(index: number) => void} choose called with the index of the chosen test window
 * @returns {(view: import("./view.js").View) => void} draws it for a view
 */
export function drawHeatmap(place, scene, layout, choose) {
  const rows = scene.sample.length;
  const height = layout.wide ? Math.max(200, layout.axis - 58) : Math.min(320, 8 * rows);
  const words = scene.words.rows.heatmap;
  make("p", { class: "title", text: words[0] }, place);
  const box = make(
    "div",
    {
      class: "map",
      tabindex: 0,
      role: "slider",
      "aria-label": words[0],
      "aria-valuemin": 1,
      "aria-valuemax": rows,
    },
    place,
  );
  box.style.height = `${height}px`;
  const canvas = make("canvas", { "aria-hidden": true }, box);
  const svg = make(
    "svg:svg",
    { viewBox: `0 0 ${scene.steps} ${rows}`, preserveAspectRatio: "none", "aria-hidden": true },
    box,
  );
  rings(svg, scene);
  const mark = make("svg:rect", { x: 0, width: scene.steps, height: 1, class: "row" }, svg);
  drawKey(place, scene);
  const said = make("p", { class: "hover" }, place);
  const colour = colours(scene.words.colours.scale);
  /** @type {Float32Array} */
  let weights = new Float32Array(rows * scene.steps);
  let shown = "";

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
    choose(scene.sample[at(event).row]);
  });
  box.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const { row, step } = at(event);
    if (event.buttons) choose(scene.sample[row]);
    const value = scene.window(scene.sample[row])[step * scene.features];
    const weight = weights[row * scene.steps + step];
    put(said, {
      text: `${stepName(scene.steps, step)}: value ${readable(value)}, weight ${readable(weight)}`,
    });
  });
  box.addEventListener("pointerleave", () => put(said, { text: "" }));
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
    choose(scene.sample[Math.max(0, Math.min(rows - 1, to))]);
  });

  return (view) => {
    const wanted = `${view.start} ${view.epoch} ${view.ahead}`;
    if (wanted !== shown) {
      shown = wanted;
      weights = weightsOfSample(scene, view);
      paint(canvas, scene.steps, rows, (row, step) =>
        colour(weights[row * scene.steps + step] / scene.words.weightsTo),
      );
    }
    current = nearest(scene, view.window);
    const own = scene.sample[current] === view.window;
    put(mark, { y: current, class: own ? "row" : "row near" });
    put(box, { "aria-valuenow": current + 1, "aria-valuetext": `row ${current + 1} of ${rows}` });
  };
}

/**
 * Return the row whose window is the chosen one, else the one with the nearest target.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {number} index
 * @returns {number}
 */
function nearest(scene, index) {
  const row = scene.sample.indexOf(index);
  if (row >= 0) return row;
  const target = scene.target(index, 0);
  const far = scene.sample.map((each) => Math.abs(scene.target(each, 0) - target));
  return far.indexOf(Math.min(...far));
}

/**
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 */
function rings(svg, scene) {
  scene.sample.forEach((index, row) => {
    for (let step = 0; step < scene.steps; step++) {
      if (scene.needed(index, step))
        make("svg:rect", { x: step, y: row, width: 1, height: 1, class: "ring" }, svg);
    }
  });
}

/**
 * Draw the key to the colours.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 */
function drawKey(place, scene) {
  const key = make("p", { class: "key" }, place);
  make("span", { text: "0" }, key);
  const bar = make("span", { class: "keybar" }, key);
  bar.style.background = `linear-gradient(to right, ${scene.words.colours.scale.join(",")})`;
  make("span", { text: readable(scene.words.weightsTo) }, key);
  const ringed = scene.sample.some((index) =>
    Array.from({ length: scene.steps }, (_, step) => scene.needed(index, step)).some(Boolean),
  );
  if (ringed) make("span", { class: "ringed", text: "needed" }, key);
}
