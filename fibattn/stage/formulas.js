// @ts-check
/** Puts this step's numbers into formulas. */

import { readable, stepName } from "./words.js";

/** @typedef {import("./interpreter.js").GraphOutput} GraphOutput */

/** What formulas call a tensor, and its index. */
const SYMBOL = /[A-Za-zα]+(_(?:\([a-z][+-]1\)|[A-Za-z]+))?/g;

/** An index that is one of a step, or the step beside it: others are of features. */
const OF_A_STEP = /^_(?:[tij]|\([tij]([+-]1)\))$/;

/** The window itself, beside the names of outputs. */
const WINDOW = "window";

/** So many numbers of a vector stand in a formula. */
const IN_FORMULA = 3;

/**
 * Put this step's numbers in the place of a formula's symbols: of those that other tensors of the
 * network are called by, and of what the formula is of. Weights of a layer stay symbols, and so
 * does what has two indices. Of a sum or a mean over the steps it is the term of this one.
 *
 * @param {GraphOutput} of what has the formula, such as "c = sum_t alpha_t h_t"
 * @param {GraphOutput[]} outputs
 * @param {{x: Float32Array, outputs: Record<string, Float32Array>}} picture
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {string}
 */
export function putIn(of, outputs, picture, steps, view) {
  const known = symbolsOf(of, outputs, steps, picture.x.length / steps);
  const filled = (/** @type {string} */ text, /** @type {boolean} */ isLeft) =>
    text.replace(SYMBOL, (symbol, index) => {
      const output = known[symbol.split("_")[0]];
      if (!output) return symbol;
      const values = output.name === WINDOW ? picture.x : picture.outputs[output.name];
      // On the right, without an index it is of all steps.
      const numbers =
        index || isLeft
          ? atIndex(index ?? "_t", output, values, steps, view)
          : ofAhead(output, values, view).values;
      if (!numbers) return symbol;
      // Behind another factor the sign of a number would subtract it.
      return !isLeft && numbers.length === 1 && numbers[0] < 0
        ? `(${vector(numbers)})`
        : vector(numbers);
    });
  const [left, right] = of.formula.split("=");
  if (of.title === "Weights" && view.held?.has(view.step))
    return `${filled(left, true)}: held by you, not computed`;
  if (right === undefined) return filled(of.formula, true);
  const over = right.match(/^\s*(?:sum_t|mean_i) (.*)$/);
  if (!over) return `${filled(left, true)}=${filled(right, false)}`;
  return `${filled(left, true)}=${right}, at ${stepName(steps, view.step)}: ${filled(over[1], false)}`;
}

/**
 * Return the tensors by what a formula calls them: itself and those of its layer, then what stands
 * left in another formula; h are the states that its layer is given, x what a recurrent layer reads.
 *
 * @param {GraphOutput} of what has the formula
 * @param {GraphOutput[]} outputs
 * @param {number} steps
 * @param {number} features
 * @returns {Record<string, GraphOutput>}
 */
function symbolsOf(of, outputs, steps, features) {
  /** @type {Record<string, GraphOutput>} */
  const known = {};
  const window = /** @type {GraphOutput} */ ({
    name: WINDOW,
    shape: [steps, features],
    axes: ["time", "features"],
  });
  const isOwn = (/** @type {GraphOutput} */ { name }) => layerOf(name) === layerOf(of.name);
  const earlier = outputs.slice(0, outputs.findIndex(isOwn));
  const states = earlier.filter(({ title, axes }) => title === "States" && axes[0] === "time");
  // Of two directions a layer is given both, side by side.
  const width = states.reduce((sum, { shape }) => sum + shape[1], 0);
  const joined = earlier.find(
    ({ title, shape }) => title === "Output" && shape[0] === steps && shape[1] === width,
  );
  const given = states.length > 1 ? joined : earlier.length ? states[0] : window;
  if (given) known.h = given;
  const said = outputs.filter((each) => each.formula && !isState(each));
  for (const each of [...said, ...outputs.filter(isOwn), of]) known[calledIn(each)] = each;
  const others = earlier.filter((each) => !isState(each));
  // What stands along the steps and has features is what the layer before hands on.
  const read = others.length
    ? others.find(({ axes }) => axes[0] === "time" && axes[1] === "features")
    : window;
  if (isState(of) && read) known.x = read;
  return known;
}

/** @param {GraphOutput} output */
function isState({ axes }) {
  return axes[1] === "units";
}

/** @param {string} name of an output */
function layerOf(name) {
  return name.split(".")[0];
}

/**
 * Return what a tensor's own formula calls it; "" if it has none.
 *
 * @param {GraphOutput} output
 */
function calledIn({ formula }) {
  return formula.split("=")[0].trim().split("_")[0];
}

/**
 * Return the numbers at an index of a formula; null if it is none of one step.
 *
 * @param {string} index such as "_t", "_(t-1)", or "_T" of the last step
 * @param {GraphOutput} output
 * @param {Float32Array} values
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {number[] | null}
 */
function atIndex(index, output, values, steps, view) {
  if (index === "_T") return atStep(output, values, steps, { ...view, step: steps - 1 });
  const found = index.match(OF_A_STEP);
  if (!found) return null;
  const [, shift] = found;
  if (!shift) return atStep(output, values, steps, view);
  if (output.axes[0] === "queries") {
    const ahead = view.ahead + Number(shift);
    // Before the first step ahead it is what the encoder has handed on.
    return ahead < 0 ? null : atStep(output, values, steps, { ...view, ahead });
  }
  const step = view.step + Number(shift);
  // Where reading begins the state is 0.
  if (step < 0 || step >= steps) return Array(output.shape[1]).fill(0);
  return atStep(output, values, steps, { ...view, step });
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
 * @param {GraphOutput} output
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
 * @param {GraphOutput} output
 * @param {Float32Array} values
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @returns {number[]}
 */
export function atStep(output, values, steps, view) {
  const own = ofAhead(output, values, view);
  const along = own.axes.length ? own.axes.lastIndexOf("time") : isOfSteps(output, steps) ? 0 : -1;
  if (along < 0 || own.shape[along] !== steps) return own.values;
  const inner = own.shape.slice(along + 1).reduce((a, b) => a * b, 1);
  return own.values.filter((_, k) => Math.floor(k / inner) % steps === view.step);
}

/**
 * @param {GraphOutput} output
 * @param {number} steps
 * @returns {boolean} whether a tensor without named axes has a row for each step
 */
function isOfSteps({ shape }, steps) {
  return shape.length === 2 && shape[0] === steps;
}
