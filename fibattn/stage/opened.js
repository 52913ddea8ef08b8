// @ts-check
/** The stage opened up: each tensor with its shape, its formula and this step's numbers. */

import { make, put } from "./elements.js";
import { readable, stepName } from "./words.js";

/** So many numbers of one step are written out. */
const WRITTEN = 8;

/**
 * Draw a row for each tensor once; return the function that fills in the numbers.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 * @returns {(drawn: import("./rows.js").Drawn) => void}
 */
export function drawOpened(place, scene) {
  const source = String(scene.words.source ?? "").split("\n");
  const fills = scene.attention.network.outputs.map((output) => {
    const row = make("div", { class: "tensor" }, place);
    const head = make("p", {}, row);
    make("strong", { text: output.title }, head);
    const shape = output.shape.length ? ` ${output.shape.join(" × ")}` : "";
    const axes = output.axes.length ? ` (${output.axes.join(" × ")})` : "";
    make("span", { class: "under", text: `${shape}${axes}` }, head);
    if (output.formula) make("code", { class: "formula", text: output.formula }, row);
    const numbers = make("p", { class: "numbers" }, row);
    if (output.line) {
      make(
        "code",
        { class: "source", text: `${output.line}: ${(source[output.line - 1] ?? "").trim()}` },
        row,
      );
    }
    return (/** @type {import("./rows.js").Drawn} */ { picture, view }) => {
      put(numbers, { text: numbersOf(output, picture.outputs[output.name], scene.steps, view) });
    };
  });
  return (drawn) => {
    for (const fill of fills) fill(drawn);
  };
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
export function numbersOf({ shape, axes }, values, steps, view) {
  const along = axes.lastIndexOf("time");
  let found = Array.from(values);
  let at = "";
  if (along >= 0 && shape[along] === steps) {
    const inner = shape.slice(along + 1).reduce((a, b) => a * b, 1);
    found = found.filter((_, k) => Math.floor(k / inner) % steps === view.step);
    at = `at ${stepName(steps, view.step)}: `;
  }
  const more = found.length > WRITTEN ? ` … (${found.length} in all)` : "";
  return at + found.slice(0, WRITTEN).map(readable).join(", ") + more;
}
