// @ts-check
/** The stage opened up: each tensor with its shape, its formula and this step's numbers. */

import { make, put } from "./elements.js";
import { readable, stepName } from "./words.js";

/** So many numbers of one step are written out. */
const WRITTEN = 8;

/** So many numbers of a vector stand in a formula. */
const IN_FORMULA = 3;

/**
 * Draw a card for each tensor once; return the function that fills in the numbers.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 * @returns {(drawn: import("./rows.js").Drawn) => void}
 */
export function drawOpened(place, scene) {
  if (scene.words.parts) make("p", { class: "parts", text: scene.words.parts }, place);
  const source = String(scene.words.source ?? "").split("\n");
  const { outputs } = scene.attention.network;
  const fills = outputs.map((output) => {
    const card = make("div", { class: "tensor" }, place);
    const head = make("p", {}, card);
    make("strong", { text: output.title }, head);
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
        put(filled, { text: putIn(output.formula, outputs, picture.outputs, scene.steps, view) });
      }
    };
  });
  return (drawn) => {
    for (const fill of fills) fill(drawn);
  };
}

/**
 * Put this step's numbers in the place of a formula's symbols: of those that other tensors of the
 * network are called by, and of what the formula is of. Weights of the layer stay symbols.
 *
 * @param {string} formula such as "c = sum_t alpha_t h_t"
 * @param {import("./interpreter.js").GraphOutput[]} outputs
 * @param {Record<string, Float32Array>} values by the outputs' names
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {string}
 */
export function putIn(formula, outputs, values, steps, view) {
  /** @type {Record<string, import("./interpreter.js").GraphOutput>} */
  const known = {};
  for (const output of outputs) {
    const [left, right] = output.formula.split("=");
    if (right) known[left.trim().split("_")[0]] = output;
    else if (output.title === "States") known.h = output;
  }
  const [left] = formula.split("=");
  return formula.replace(/[A-Za-zα]+(_[a-z]+)?/g, (symbol, subscript, at) => {
    const output = known[symbol.split("_")[0]];
    // Without a subscript it is of all steps, unless it is what the formula is of.
    if (!output || (!subscript && at >= left.length)) return symbol;
    const found = atStep(output, values[output.name], steps, view.step).map(readable);
    if (found.length === 1) return found[0];
    return `(${found.slice(0, IN_FORMULA).join(", ")}${found.length > IN_FORMULA ? ", …" : ""})`;
  });
}

/**
 * Return the numbers of one step; all there are where no axis stands for the steps.
 *
 * @param {import("./interpreter.js").GraphOutput} output
 * @param {Float32Array} values
 * @param {number} steps
 * @param {number} step
 * @returns {number[]}
 */
function atStep({ shape, axes }, values, steps, step) {
  const along = axes.lastIndexOf("time");
  if (along < 0 || shape[along] !== steps) return Array.from(values);
  const inner = shape.slice(along + 1).reduce((a, b) => a * b, 1);
  return Array.from(values).filter((_, k) => Math.floor(k / inner) % steps === step);
}

/**
 * Write the numbers of the chosen step, or all there are where no axis stands for the steps.
 *
 * @param {import("./interpreter.js").GraphOutput} output
 * @param {Float32Array} values
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {string}
 */
export function numbersOf(output, values, steps, view) {
  const along = output.axes.lastIndexOf("time");
  const ofSteps = along >= 0 && output.shape[along] === steps;
  const found = atStep(output, values, steps, view.step);
  const more = found.length > WRITTEN ? ` … (${found.length} in all)` : "";
  const at = ofSteps ? `at ${stepName(steps, view.step)}: ` : "";
  return at + found.slice(0, WRITTEN).map(readable).join(", ") + more;
}
