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
 * network are called by, and of what the formula is of. Weights of the layer stay symbols, and so
 * does what has two indices. Of a sum or a mean over the steps it is the term of this one.
 *
 * @param {string} formula such as "c = sum_t alpha_t h_t"
 * @param {import("./interpreter.js").GraphOutput[]} outputs
 * @param {Record<string, Float32Array>} values by the outputs' names
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {string}
 */
export function putIn(formula, outputs, values, steps, view) {
  const known = symbolsOf(outputs, steps);
  const filled = (/** @type {string} */ text, /** @type {boolean} */ isLeft) =>
    text.replace(/[A-Za-zα]+(_[a-z]+)?/g, (symbol, subscript) => {
      const output = known[symbol.split("_")[0]];
      if (!output || subscript?.length > 2) return symbol;
      const numbers = values[output.name];
      // On the right, without a subscript it is of all steps.
      const found = subscript || isLeft ? atStep(output, numbers, steps, view) : null;
      return vector(found ?? ofAhead(output, numbers, view).values);
    });
  const [left, right] = formula.split("=");
  if (right === undefined) return filled(formula, true);
  const over = right.match(/^\s*(?:sum_t|mean_i) (.*)$/);
  if (!over) return `${filled(left, true)}=${filled(right, false)}`;
  return `${filled(left, true)}=${right}, at ${stepName(steps, view.step)}: ${filled(over[1], false)}`;
}

/**
 * Return the tensors by their symbols: what stands left in a formula, or is one, and h for what the
 * first of these is computed from, if that is known.
 *
 * @param {import("./interpreter.js").GraphOutput[]} outputs
 * @param {number} steps
 * @returns {Record<string, import("./interpreter.js").GraphOutput>}
 */
function symbolsOf(outputs, steps) {
  /** @type {Record<string, import("./interpreter.js").GraphOutput>} */
  const known = {};
  const first = outputs.findIndex((output) => output.formula);
  const before = outputs.slice(0, Math.max(0, first));
  const states = before.filter(({ title, axes }) => title === "States" && axes[0] === "time");
  if (states.length === 1) known.h = states[0];
  // Of two directions the layer takes both, side by side.
  const width = states.reduce((sum, { shape }) => sum + shape[1], 0);
  const joined = before.find(
    ({ title, shape }) => title === "Output" && shape[0] === steps && shape[1] === width,
  );
  if (states.length > 1 && joined) known.h = joined;
  for (const output of outputs) {
    if (output.formula) known[output.formula.split("=")[0].trim().split("_")[0]] = output;
  }
  return known;
}

/**
 * Write numbers as a vector, a single one as it is.
 *
 * @param {number[]} numbers
 * @returns {string}
 */
function vector(numbers) {
  const written = numbers.slice(0, IN_FORMULA).map(readable);
  if (numbers.length === 1) return written[0];
  return `(${written.join(", ")}${numbers.length > IN_FORMULA ? ", …" : ""})`;
}

/**
 * Return what a tensor holds for the chosen step ahead, where each of these has its own query.
 *
 * @param {import("./interpreter.js").GraphOutput} output
 * @param {Float32Array} values
 * @param {import("./view.js").View} view
 * @returns {{shape: number[], axes: string[], values: number[]}}
 */
function ofAhead({ shape, axes }, values, view) {
  const all = Array.from(values);
  if (axes[0] !== "queries") return { shape, axes, values: all };
  const size = all.length / shape[0];
  const own = all.slice(view.ahead * size, (view.ahead + 1) * size);
  return { shape: shape.slice(1), axes: axes.slice(1), values: own };
}

/**
 * Return the numbers of one step; all there are where no axis stands for the steps.
 *
 * @param {import("./interpreter.js").GraphOutput} output
 * @param {Float32Array} values
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {number[]}
 */
function atStep(output, values, steps, view) {
  const own = ofAhead(output, values, view);
  const along = own.axes.length ? own.axes.lastIndexOf("time") : isOfSteps(output, steps) ? 0 : -1;
  if (along < 0 || own.shape[along] !== steps) return own.values;
  const inner = own.shape.slice(along + 1).reduce((a, b) => a * b, 1);
  return own.values.filter((_, k) => Math.floor(k / inner) % steps === view.step);
}

/**
 * @param {import("./interpreter.js").GraphOutput} output
 * @param {number} steps
 * @returns {boolean} whether a tensor without named axes has a row for each step
 */
function isOfSteps({ shape }, steps) {
  return shape.length === 2 && shape[0] === steps;
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
  const found = atStep(output, values, steps, view);
  const more = found.length > WRITTEN ? ` … (${found.length} in all)` : "";
  const at = ofSteps ? `at ${stepName(steps, view.step)}: ` : "";
  return at + found.slice(0, WRITTEN).map(readable).join(", ") + more;
}

/**
 * Name a tensor: two directions have one of the same title each, and an output is of its layer.
 *
 * @param {import("./interpreter.js").GraphOutput} output
 * @returns {string}
 */
function titleOf({ name, title }) {
  const layer = name.split(".")[0];
  if (title === "Output") return `Output of ${layer.replaceAll("_", " ")}`;
  if (layer.startsWith("forward")) return `${title}, from the start`;
  return layer.startsWith("backward") ? `${title}, from the end` : title;
}
