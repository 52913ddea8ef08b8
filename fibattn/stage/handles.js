// @ts-check
/** Lets every step of the window be dragged, by mouse and thumb, and moved by keys. */

import { setValue } from "./controls.js";
import { put } from "./elements.js";
import { ofStep, weightsOf } from "./scene.js";
import { readable, stepName } from "./words.js";

/**
 * Give the columns of the steps what they do.
 *
 * @param {SVGElement[]} columns one for each step
 * @param {import("./controls.js").Stage} stage
 * @param {import("./layout.js").Layout} layout
 * @returns {(drawn: import("./rows.js").Drawn) => void} says each step's value and weight
 */
export function handles(columns, stage, layout) {
  const { scene, view } = stage;
  const [low, high] = scene.range;
  columns.forEach((column, step) => {
    put(column, {
      "aria-label": stepName(scene.steps, step),
      "aria-valuemin": low,
      "aria-valuemax": high,
      "aria-orientation": "vertical",
    });
    dragging(column, stage, step, layout);
    column.addEventListener("focus", () => chooseStep(stage, step));
    column.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        const next = columns[step + (event.key === "ArrowRight" ? 1 : -1)];
        next?.focus();
      } else {
        const to = valueAfter(event.key, scene.window(view.window), step, stage);
        if (to === undefined) return;
        setValue(stage, step, to);
        stage.settled();
      }
      event.preventDefault();
    });
  });
  return ({ picture, pinned }) => {
    const weights = ofStep(picture.outputs[weightsOf(scene).name], scene.steps, view.ahead);
    columns.forEach((column, step) => {
      const value = picture.x[step * scene.features];
      put(column, {
        "aria-valuenow": value,
        "aria-valuetext": `${readable(value)}, weight ${readable(weights[step])}${
          pinned ? `, pinned ${readable(pinned.weights[step])}` : ""
        }`,
      });
    });
  };
}

/**
 * Return the value that a key gives a step; undefined for other keys.
 *
 * @param {string} key
 * @param {Float32Array} window
 * @param {number} step
 * @param {import("./controls.js").Stage} stage
 * @returns {number | undefined}
 */
function valueAfter(key, window, step, { scene, view }) {
  const [low, high] = scene.range;
  const span = high - low;
  const k = step * scene.features;
  const now = view.hidden.has(step) ? scene.means[k] : (view.values.get(step) ?? window[k]);
  return {
    ArrowUp: now + span / 100,
    ArrowDown: now - span / 100,
    PageUp: now + span / 10,
    PageDown: now - span / 10,
    Home: low,
    End: high,
  }[key];
}

/**
 * @param {import("./controls.js").Stage} stage
 * @param {number} step
 */
function chooseStep(stage, step) {
  if (stage.view.step === step) return;
  stage.view.step = step;
  stage.changed();
}

/**
 * Let a step be dragged by its bar. A touch elsewhere in its column chooses it, and lets the page
 * be scrolled.
 *
 * @param {SVGElement} column
 * @param {import("./controls.js").Stage} stage
 * @param {number} step
 * @param {import("./layout.js").Layout} layout
 */
function dragging(column, stage, step, layout) {
  const [values] = layout.rows;
  const [low, high] = stage.scene.range;
  let from = /** @type {{y: number, value: number} | null} */ (null);
  const heightOf = (/** @type {PointerEvent} */ event) => {
    const drawing = /** @type {SVGElement} */ (column.ownerSVGElement).getBoundingClientRect();
    // In a talk the page is larger than it is laid out.
    return ((event.clientY - drawing.top) * layout.height) / drawing.height;
  };
  column.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    column.focus({ preventScroll: true });
    const y = heightOf(event);
    if (y > values.top + values.height + 10) return;
    column.setPointerCapture(event.pointerId);
    from = { y, value: valueAt(y) };
  });
  const valueAt = (/** @type {number} */ y) =>
    low + (high - low) * (1 - (y - values.top) / values.height);
  column.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const y = heightOf(event);
    // A finger that only touches a step chooses it: its value stays.
    if (!from || Math.abs(y - from.y) < 3) return;
    from.y = Number.NaN; // from now on every movement counts
    setValue(stage, step, valueAt(y));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    column.addEventListener(end, () => {
      if (from && Number.isNaN(from.y)) stage.settled();
      from = null;
    });
  }
}
