// @ts-check
/** Draws the chosen window, row by row along its steps: values, states, scores, weights. */

import { colours, stateColour } from "./colours.js";
import { make, put } from "./elements.js";
import { drawGrid } from "./grids.js";
import { ofStep, weightsOf } from "./scene.js";
import { readable, stepName } from "./words.js";

/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {import("./layout.js").Row} Row */
/** @typedef {import("./scene.js").Picture} Picture */

/**
 * @typedef {object} Drawn
 * @property {Picture} picture
 * @property {Picture | null} before what stood there before anything was changed
 * @property {import("./scene.js").Outline | null} pinned
 * @property {Float32Array | null} effects of hiding each step
 * @property {import("./view.js").View} view
 */

/**
 * Draw the rows once; return the function that moves them.
 *
 * @param {HTMLElement} place
 * @param {SVGElement} svg drawn over the pictures of states in `place`
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @returns {{update: (drawn: Drawn) => void, steps: SVGElement[], weightsTop: number}} with one
 *   element for each step, to be given what it does
 */
export function drawRows(place, svg, scene, layout) {
  const steps = drawSteps(svg, scene, layout);
  const updates = layout.rows.map((row) => {
    label(svg, layout, row, scene);
    if (row.kind === "values") return drawValues(svg, scene, layout, row);
    if (row.kind === "states") return drawStates(place, scene, layout, row);
    if (row.kind === "line") return drawLine(svg, scene, layout, row);
    if (row.kind === "heads") return drawHeads(place, scene, layout, row);
    if (row.kind === "ahead") return drawAhead(place, svg, scene, layout, row);
    if (row.kind === "effects") return drawEffects(svg, scene, layout, row);
    return drawWeights(svg, scene, layout, row);
  });
  drawAxis(svg, scene, layout);
  const needed = steps.map((step) => step.querySelector(".needed"));
  const last = layout.rows[layout.rows.length - 1];
  return {
    steps,
    weightsTop: last.top,
    update(drawn) {
      const { view } = drawn;
      needed.forEach((shade, step) => {
        // Which steps a changed window would need, only the task's rule knows.
        const old = scene.neededVaries && view.values.size + view.hidden.size > 0;
        put(/** @type {Element} */ (shade), {
          visibility: scene.needed(view.window, step) ? "visible" : "hidden",
          class: old ? "needed old" : "needed",
        });
        steps[step].classList.toggle("chosen", step === view.step);
      });
      for (const update of updates) update(drawn);
    },
  };
}

/**
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @returns {SVGElement[]} a column for each step, which takes the keyboard's focus
 */
function drawSteps(svg, scene, layout) {
  const bottom = layout.axis - 14;
  return Array.from({ length: scene.steps }, (_, step) => {
    const column = make("svg:g", { class: "step", role: "slider", tabindex: 0 }, svg);
    const box = { x: layout.left + step * layout.step, y: 0, width: layout.step, height: bottom };
    make("svg:rect", { ...box, class: "needed" }, column);
    make("svg:rect", { ...box, class: "room" }, column);
    return column;
  });
}

/**
 * @param {SVGElement} svg
 * @param {Layout} layout
 * @param {Row} row
 * @param {import("./scene.js").Scene} scene
 */
function label(svg, layout, row, scene) {
  const key = row.output && row.kind !== "ahead" ? row.output.name : row.kind;
  const said = scene.words.rows[key];
  const [title, under] = said ?? [row.output?.title ?? "", ""];
  const y = layout.wide ? row.top + Math.min(row.height / 2, 34) : row.top - 7;
  make("svg:text", { x: 0, y, class: "title", text: title }, svg);
  if (layout.wide) make("svg:text", { x: 0, y: y + 17, class: "under", text: under }, svg);
}

/**
 * Return the place and the width of a step's bar.
 *
 * @param {Layout} layout
 * @param {number} step
 */
function barAt(layout, step) {
  return { x: layout.left + step * layout.step + layout.gap / 2, width: layout.step - layout.gap };
}

/**
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @returns {(drawn: Drawn) => void}
 */
function drawValues(svg, scene, layout, row) {
  const [low, high] = scene.range;
  const y = (/** @type {number} */ value) =>
    row.top + row.height * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
  const zero = y(0);
  line(svg, layout, zero, "base");
  const bars = perStep(scene, (step) =>
    make("svg:rect", { ...barAt(layout, step), class: "value" }, svg),
  );
  const ghosts = perStep(scene, (step) =>
    make("svg:rect", { ...barAt(layout, step), class: "ghost" }, svg),
  );
  const marks = perStep(scene, (step) =>
    scene.features > 1
      ? make("svg:path", { d: triangle(barAt(layout, step), row.top - 4), class: "mark" }, svg)
      : null,
  );
  return ({ picture, before, view }) => {
    bars.forEach((bar, step) => {
      const value = picture.x[step * scene.features];
      put(bar, upTo(zero, y(value)));
      bar.classList.toggle("hidden", view.hidden.has(step));
      const mark = picture.x[step * scene.features + 1];
      if (marks[step]) put(marks[step], { opacity: mark ? Math.min(1, Math.abs(mark)) : 0 });
      const old = before?.x[step * scene.features];
      const moved = old !== undefined && old !== value;
      put(ghosts[step], {
        visibility: moved ? "visible" : "hidden",
        ...(moved ? upTo(zero, y(old)) : {}),
      });
    });
  };
}

/**
 * @param {{x: number, width: number}} bar
 * @param {number} top
 */
function triangle({ x, width }, top) {
  return `M${x + width / 2 - 5} ${top - 6}h10l-5 8z`;
}

/**
 * @template T
 * @param {import("./scene.js").Scene} scene
 * @param {(step: number) => T} each
 * @returns {T[]}
 */
function perStep(scene, each) {
  return Array.from({ length: scene.steps }, (_, step) => each(step));
}

/**
 * Return a bar from a base line to a height; it is never so low that nobody sees it.
 *
 * @param {number} zero
 * @param {number} y
 */
function upTo(zero, y) {
  const height = Math.abs(zero - y);
  return { y: Math.min(zero, y) - (height < 1 ? 1 : 0), height: Math.max(1.5, height) };
}

/**
 * @param {SVGElement} svg
 * @param {Layout} layout
 * @param {number} y
 * @param {string} kind
 */
function line(svg, layout, y, kind) {
  const x2 =
    layout.left + layout.step * Math.round((layout.context - layout.left) / layout.step - 0.5);
  return make(
    "svg:line",
    { x1: layout.left, x2: Math.min(x2, layout.context - 4), y1: y, y2: y, class: kind },
    svg,
  );
}

/**
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @returns {(drawn: Drawn) => void}
 */
function drawStates(place, scene, layout, row) {
  const { name, shape } = /** @type {import("./interpreter.js").GraphOutput} */ (row.output);
  const units = shape[1];
  const grid = drawGrid(place, boxOf(scene, layout, row), units, scene.steps);
  const of = (/** @type {Picture} */ { outputs }) => {
    return (/** @type {number} */ unit, /** @type {number} */ step) =>
      stateColour(outputs[name][step * units + unit]);
  };
  return ({ picture, before }) => grid(of(picture), before && of(before));
}

/**
 * Return the place of a row along the steps.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 */
function boxOf(scene, { left, step }, { top, height }) {
  return { left, top, width: step * scene.steps, height };
}

/**
 * Draw the weights of heads that look on their own, one row each: those of one query, which is the
 * step ahead, or in self-attention the chosen step.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @returns {(drawn: Drawn) => void}
 */
function drawHeads(place, scene, layout, row) {
  const { name, shape, axes } = /** @type {import("./interpreter.js").GraphOutput} */ (row.output);
  const grid = drawGrid(place, boxOf(scene, layout, row), shape[0], scene.steps);
  const colour = colours(scene.words.colours.scale);
  return ({ picture, before, view }) => {
    const query = axes[1] === "time" ? view.step : view.ahead;
    const of = (/** @type {Picture} */ { outputs }) => {
      return (/** @type {number} */ head, /** @type {number} */ step) =>
        colour(
          outputs[name][(head * shape[1] + query) * scene.steps + step] / scene.words.weightsTo,
        );
    };
    grid(of(picture), before && of(before));
  };
}

/**
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @returns {(drawn: Drawn) => void}
 */
function drawLine(svg, scene, layout, row) {
  const { name } = /** @type {import("./interpreter.js").GraphOutput} */ (row.output);
  const ghost = make("svg:polyline", { class: "ghostline" }, svg);
  const path = make("svg:polyline", { class: "score" }, svg);
  const dots = perStep(scene, () =>
    make("svg:circle", { r: Math.min(3, layout.step / 3), class: "scoredot" }, svg),
  );
  const x = (/** @type {number} */ step) => layout.left + (step + 0.5) * layout.step;
  return ({ picture, before, view }) => {
    const scores = ofStep(picture.outputs[name], scene.steps, view.ahead);
    const old = before && ofStep(before.outputs[name], scene.steps, view.ahead);
    const low = Math.min(...scores, ...(old ?? []));
    const high = Math.max(...scores, ...(old ?? []));
    const y = (/** @type {number} */ score) =>
      row.top + (high > low ? row.height * (1 - (score - low) / (high - low)) : row.height / 2);
    const points = (/** @type {Float32Array} */ of) =>
      Array.from(of, (score, step) => `${x(step)},${y(score)}`).join(" ");
    put(path, { points: points(scores) });
    put(ghost, { points: old ? points(old) : "" });
    dots.forEach((dot, step) => {
      put(dot, { cx: x(step), cy: y(scores[step]) });
    });
  };
}

/**
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @returns {(drawn: Drawn) => void}
 */
function drawWeights(svg, scene, layout, row) {
  const { name } = weightsOf(scene);
  const top = scene.words.weightsTo;
  const bottom = row.top + row.height;
  const y = (/** @type {number} */ weight) =>
    bottom - (row.height - 14) * Math.min(1, weight / top);
  line(svg, layout, bottom, "base");
  const bars = perStep(scene, (step) =>
    make("svg:rect", { ...barAt(layout, step), class: "weight" }, svg),
  );
  const ghosts = perStep(scene, (step) =>
    make("svg:rect", { ...barAt(layout, step), class: "ghost" }, svg),
  );
  const outline = drawOutline(svg, scene, layout, row, y);
  line(svg, layout, y(1 / scene.steps), "uniform");
  make(
    "svg:text",
    {
      x: Math.max(30, layout.left - 6),
      y: y(1 / scene.steps) + 4,
      class: "mark1",
      text: layout.wide ? "1/T" : "",
    },
    svg,
  );
  if (scene.words.ceiling < 1) line(svg, layout, y(scene.words.ceiling), "ceiling");
  const most = make("svg:text", { class: "most" }, svg);
  return ({ picture, before, pinned, view }) => {
    outline(pinned);
    const weights = ofStep(picture.outputs[name], scene.steps, view.ahead);
    const old = before && ofStep(before.outputs[name], scene.steps, view.ahead);
    let largest = 0;
    bars.forEach((bar, step) => {
      if (weights[step] > weights[largest]) largest = step;
      put(bar, upTo(bottom, y(weights[step])));
      bar.classList.toggle("held", view.held.has(step));
      put(ghosts[step], {
        visibility: old ? "visible" : "hidden",
        ...(old ? upTo(bottom, y(old[step])) : {}),
      });
    });
    const { x, width } = barAt(layout, largest);
    const middle = Math.max(layout.left + 18, Math.min(x + width / 2, layout.context - 24));
    put(most, { x: middle, y: y(weights[largest]) - 4, text: readable(weights[largest]) });
  };
}

/**
 * Draw the pinned network's weights as an outline around bars, and under the row's name what it is.
 *
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @param {(weight: number) => number} y
 * @returns {(pinned: import("./scene.js").Outline | null) => void}
 */
function drawOutline(svg, scene, layout, row, y) {
  if (!scene.pinned) return () => {};
  const group = make("svg:g", { class: "pinned" }, svg);
  const bottom = row.top + row.height;
  const bars = perStep(scene, (step) => make("svg:rect", barAt(layout, step), group));
  const [x, middle] = layout.wide ? [0, row.top + 64] : [76, row.top - 12];
  make("svg:rect", { x: x + 1, y: middle - 5, width: 10, height: 10 }, group);
  const text = scene.words.rows.pinned[0];
  make("svg:text", { x: x + 17, y: middle + 5, class: "under", text }, group);
  return (pinned) => {
    put(group, { visibility: pinned ? "visible" : "hidden" });
    if (!pinned) return;
    bars.forEach((bar, step) => {
      put(bar, upTo(bottom, y(pinned.weights[step])));
    });
  };
}

/**
 * Draw the weights of a decoder, which looks anew for each step ahead: one row for each.
 *
 * @param {HTMLElement} place
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @returns {(drawn: Drawn) => void}
 */
function drawAhead(place, svg, scene, layout, row) {
  const { name, shape } = weightsOf(scene);
  const box = boxOf(scene, layout, row);
  const grid = drawGrid(place, box, shape[0], scene.steps);
  const tall = row.height / shape[0];
  const frame = { x: box.left, width: box.width, height: tall };
  const mark = make("svg:rect", { ...frame, class: "row", "pointer-events": "none" }, svg);
  const colour = colours(scene.words.colours.scale);
  const of = (/** @type {Picture} */ { outputs }) => {
    return (/** @type {number} */ ahead, /** @type {number} */ step) =>
      colour(outputs[name][ahead * scene.steps + step] / scene.words.weightsTo);
  };
  return ({ picture, before, view }) => {
    grid(of(picture), before && of(before));
    put(mark, { y: row.top + view.ahead * tall });
  };
}

/**
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 * @param {Row} row
 * @returns {(drawn: Drawn) => void}
 */
function drawEffects(svg, scene, layout, row) {
  const bottom = row.top + row.height;
  line(svg, layout, bottom, "base");
  const bars = perStep(scene, (step) =>
    make("svg:rect", { ...barAt(layout, step), class: "effect" }, svg),
  );
  const most = make("svg:text", { class: "most effectmost" }, svg);
  return ({ effects }) => {
    if (!effects) return;
    const highest = Math.max(...effects) || 1;
    bars.forEach((bar, step) => {
      put(bar, upTo(bottom, bottom - (row.height - 14) * (effects[step] / highest)));
    });
    const largest = effects.indexOf(Math.max(...effects));
    const { x, width } = barAt(layout, largest);
    put(most, {
      x: Math.max(layout.left + 18, x + width / 2),
      y: row.top + 10,
      text: readable(effects[largest]),
    });
  };
}

/**
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {Layout} layout
 */
function drawAxis(svg, scene, layout) {
  const every = Math.ceil(44 / layout.step);
  for (let step = scene.steps - 1; step >= 0; step -= every) {
    const x = layout.left + (step + 0.5) * layout.step;
    if (x < 18 && layout.left < 18) continue;
    make("svg:text", { x, y: layout.axis, class: "tick", text: stepName(scene.steps, step) }, svg);
  }
}
