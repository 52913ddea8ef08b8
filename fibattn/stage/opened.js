// @ts-check
/** The stage opened up: each tensor with its shape, its formula and this step's numbers. */

import { make, put } from "./elements.js";
import { atStep, putIn } from "./formulas.js";
import { drawSigns } from "./legend.js";
import { readable, stepName } from "./words.js";

/** @typedef {import("./interpreter.js").GraphOutput} GraphOutput */

/** So many numbers of one step are written out. */
const WRITTEN = 8;

/**
 * Draw a card for each tensor once; return the function that fills in the numbers.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 * @returns {(drawn: import("./rows.js").Drawn) => void}
 */
export function drawOpened(place, scene) {
  drawSigns(place, scene);
  if (scene.words.parts) make("p", { class: "parts", text: scene.words.parts }, place);
  const source = String(scene.words.source ?? "").split("\n");
  const { outputs } = scene.attention.network;
  const fills = outputs.map((output) => {
    const card = make("div", { class: "tensor" }, place);
    const head = make("p", {}, card);
    make("strong", { text: titleOf(output) }, head);
    const shape = output.shape.length ? ` ${output.shape.join(" × ")}` : "";
    const axes = output.axes.length ? ` (${output.axes.join(" × ")})` : "";
    make("span", { class: "under", text: `${shape}${axes}` }, head);
    if (output.formula) make("code", { class: "formula", text: output.formula }, card);
    const filled = output.formula ? make("code", { class: "filled" }, card) : null;
    const numbers = make("p", { class: "numbers" }, card);
    if (output.line) {
      const line = `${output.line}: ${(source[output.line - 1] ?? "").trim()}`;
      make("code", { class: "source", text: line }, card);
    }
    return (/** @type {import("./rows.js").Drawn} */ { picture, view }) => {
      put(numbers, { text: numbersOf(output, picture.outputs[output.name], scene.steps, view) });
      if (filled) {
        put(filled, { text: putIn(output, outputs, picture, scene.steps, view) });
      }
    };
  });
  return (drawn) => {
    for (const fill of fills) fill(drawn);
  };
}

/**
 * Write the numbers of the chosen step, or all there are where no axis stands for the steps.
 *
 * @param {GraphOutput} output
 * @param {Float32Array} values
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {string}
 */
export function numbersOf(output, values, steps, view) {
  const along = output.axes.lastIndexOf("time");
  const ofSteps = along >= 0 && output.shape[along] === steps;
  const found = atStep(output, values, steps, view);
  const more = found.length > WRITTEN ? ` … (${found.length} in all)` : "";
  const at = ofSteps ? `at ${stepName(steps, view.step)}: ` : "";
  return at + found.slice(0, WRITTEN).map(readable).join(", ") + more;
}

/**
 * Name a tensor: two directions have one of the same title each, and an output is of its layer.
 *
 * @param {GraphOutput} output
 * @returns {string}
 */
function titleOf({ name, title }) {
  const layer = name.split(".")[0];
  if (title === "Output") return `Output of ${layer.replaceAll("_", " ")}`;
  if (layer.startsWith("forward")) return `${title}, from the start`;
  return layer.startsWith("backward") ? `${title}, from the end` : title;
}
