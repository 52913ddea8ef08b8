// @ts-check
/**
 * Runs a network's list of array operations on one window, with its weights as arguments.
 *
 * All arrays are made once. What hangs on constants alone is computed once, what hangs on the
 * weights only when they change, so one run is a row of small loops without any allocation.
 */

import { OPERATIONS } from "./operations.js";

/**
 * One operation; its number in the list is that of its result.
 *
 * @typedef {object} GraphNode
 * @property {string} operation
 * @property {number[]} inputs the numbers of the nodes whose results it takes
 * @property {number} size how many elements its result has
 * @property {import("./operations.js").Attributes} attributes
 */

/**
 * A tensor that a layer shows.
 *
 * @typedef {object} GraphOutput
 * @property {string} name such as "attention.weights"; the network's is "prediction"
 * @property {number} node the number of the node that computes it
 * @property {number[]} shape its shape
 * @property {string[]} axes a name for each axis, or none
 * @property {string} layer the layer's name
 * @property {string} title what the layer calls it
 * @property {string} formula how the layer computes it, "" if it does not say so
 * @property {number | null} line the line of the layer's source that computes it
 * @property {number[]} parts of a recurrent layer's states the node of each step, else none
 */

/**
 * One variable, a part of a network's flat weights.
 *
 * @typedef {object} GraphWeight
 * @property {string} name
 * @property {number[]} shape
 * @property {number} offset where its first element stands
 */

/**
 * A network's computation, as `fibattn/network/operations.py` describes it.
 *
 * @typedef {object} Graph
 * @property {GraphNode[]} nodes
 * @property {import("./operations.js").Numbers[]} arrays constants and positions
 * @property {GraphWeight[]} weights
 * @property {GraphOutput[]} outputs
 */

/**
 * A network that can be run.
 *
 * @typedef {object} Network
 * @property {GraphOutput[]} outputs what can be read after a run, the prediction last
 * @property {GraphWeight[]} weights its variables
 * @property {number} windowSize how many elements a window has
 * @property {number} weightSize how many elements all variables have
 * @property {(window: ArrayLike<number>, weights?: ArrayLike<number>,
 *   target?: ArrayLike<number>) => Float32Array} run
 *   Compute everything for one window, (time_steps, features), and return the last output, of a
 *   network its prediction. Without weights or target those of the last run hold. The result is
 *   overwritten by the next run.
 * @property {(name: string) => Float32Array} output
 *   Return an output of the last run, flat. It is always the same array: the next run overwrites
 *   it.
 * @property {(name: string, values: ArrayLike<number> | null) => void} hold
 *   Put these values in the place of an output from the next run on, so that all that follows is
 *   computed from them: of a recurrent layer's states also the states of later steps. NaN holds
 *   nothing in its place; null lets go.
 */

/** What a node's result hangs on: nothing, the weights, or the window or target too. */
const FIXED = 0;
const ON_WEIGHTS = 1;
const ON_WINDOW = 2;

/**
 * Return the operations of a graph that are not known here.
 *
 * @param {Graph} graph
 * @returns {string[]} their names, each once
 */
export function unknownOperations(graph) {
  const sources = ["window", "target", "weight", "constant", "view"];
  const used = new Set(graph.nodes.map((node) => node.operation));
  return [...used].filter((name) => !sources.includes(name) && !Object.hasOwn(OPERATIONS, name));
}

/**
 * Prepare a network.
 *
 * @param {Graph} graph its list of operations
 * @returns {Network}
 * @throws {Error} with a sentence, if an operation is unknown
 */
export function compile(graph) {
  const unknown = unknownOperations(graph);
  if (unknown.length) {
    throw new Error(`This network needs ${unknown.join(", ")}, which the stage does not know.`);
  }
  const window = new Float32Array(sizeOf(graph, "window"));
  const target = new Float32Array(sizeOf(graph, "target"));
  const weights = new Float32Array(sizeOf(graph, "weight"));
  /** @type {Map<string, ArrayLike<number>>} */
  const held = new Map();
  const { results, steps } = prepare(graph, { window, target, weights }, held);

  /** @param {number} level */
  const compute = (level) => {
    for (const step of steps[level]) step();
  };

  compute(FIXED);
  compute(ON_WEIGHTS);
  const last = results[graph.outputs[graph.outputs.length - 1].node];
  return {
    outputs: graph.outputs,
    weights: graph.weights,
    windowSize: window.length,
    weightSize: weights.length,
    run(newWindow, newWeights, newTarget) {
      copy(newWindow, window, "window");
      if (newTarget) copy(newTarget, target, "target");
      if (newWeights && copy(newWeights, weights, "weights")) compute(ON_WEIGHTS);
      compute(ON_WINDOW);
      return last;
    },
    output: (name) => results[outputOf(graph, name).node],
    hold(name, values) {
      const { length } = results[outputOf(graph, name).node];
      if (!values) held.delete(name);
      else if (values.length === length) held.set(name, values);
      else throw new Error(`There are ${values.length} numbers for ${name}; it has ${length}.`);
    },
  };
}

/**
 * Make every node's result, and sort the functions that compute them by what they hang on.
 *
 * @param {Graph} graph
 * @param {{window: Float32Array, target: Float32Array, weights: Float32Array}} given the arguments
 * @param {Map<string, ArrayLike<number>>} held values in the place of outputs, by name
 * @returns {{results: Float32Array[], steps: (() => void)[][]}} results for each node; steps for
 *   each level, in the order of the nodes
 */
function prepare(graph, { window, target, weights }, held) {
  const shown = shownBy(graph);
  /** @type {Float32Array[]} */
  const results = [];
  /** @type {number[]} */
  const levels = [];
  /** @type {(() => void)[][]} */
  const steps = [[], [], []];
  graph.nodes.forEach(({ operation, inputs, size, attributes }, number) => {
    const { offset = 0, array = -1 } = attributes;
    const given = inputs.map((input) => results[input]);
    levels.push(Math.max(FIXED, ...inputs.map((input) => levels[input])));
    if (operation === "window" || operation === "target") {
      results.push(operation === "window" ? window : target);
      levels[number] = ON_WINDOW;
    } else if (operation === "weight") {
      results.push(weights.subarray(offset, offset + size));
      levels[number] = ON_WEIGHTS;
    } else if (operation === "constant") {
      results.push(Float32Array.from(graph.arrays[array]));
    } else if (operation === "view") {
      results.push(given[0].subarray(offset, offset + size));
    } else {
      const result = new Float32Array(size);
      results.push(result);
      // What is shown may be held, so it and what follows from it is computed in every run.
      if (shown.has(number)) levels[number] = ON_WINDOW;
      const row = steps[levels[number]];
      row.push(OPERATIONS[operation](given, result, attributes, graph.arrays[array]));
      for (const place of shown.get(number) ?? []) {
        row.push(() => putHeld(held.get(place.name), place.start, results[place.node]));
      }
    }
  });
  return { results, steps };
}

/**
 * Write held values over what has just been computed.
 *
 * @param {ArrayLike<number> | undefined} values NaN where nothing is held
 * @param {number} start the place of the first of them that belongs here
 * @param {Float32Array} result
 */
function putHeld(values, start, result) {
  if (!values) return;
  for (let k = 0; k < result.length; k++) {
    if (!Number.isNaN(values[start + k])) result[k] = values[start + k];
  }
}

/**
 * Where values of an output can be put: a node's result, and where in the output it begins.
 *
 * @typedef {{name: string, node: number, start: number}} Place
 */

/**
 * Return what each node shows, itself or through a view of its result.
 *
 * @param {Graph} graph
 * @returns {Map<number, Place[]>} by the number of the node that computes it
 */
function shownBy(graph) {
  /** @type {Map<number, Place[]>} */
  const shown = new Map();
  for (const { name, node, parts } of graph.outputs) {
    let start = 0;
    for (const part of parts.length ? parts : [node]) {
      let number = part;
      while (graph.nodes[number].operation === "view") number = graph.nodes[number].inputs[0];
      shown.set(number, [...(shown.get(number) ?? []), { name, node: part, start }]);
      start += graph.nodes[part].size;
    }
  }
  return shown;
}

/**
 * Return how many elements the window, the target, or all variables, have.
 *
 * @param {Graph} graph
 * @param {string} operation "window", "target" or "weight"
 * @returns {number}
 */
function sizeOf(graph, operation) {
  const nodes = graph.nodes.filter((node) => node.operation === operation);
  return Math.max(0, ...nodes.map((node) => (node.attributes.offset ?? 0) + node.size));
}

/**
 * Return the output of a name.
 *
 * @param {Graph} graph
 * @param {string} name
 * @returns {GraphOutput}
 * @throws {Error} with a sentence, if there is none
 */
function outputOf(graph, name) {
  const found = graph.outputs.find((output) => output.name === name);
  if (found) return found;
  const names = graph.outputs.map((output) => output.name).join(", ");
  throw new Error(`There is no output “${name}”; there are ${names}.`);
}

/**
 * Copy numbers into an array of the same length.
 *
 * @param {ArrayLike<number>} from
 * @param {Float32Array} to
 * @param {string} what their name, for the error
 * @returns {boolean} whether any of them changed
 * @throws {Error} with a sentence, if there are more or fewer
 */
function copy(from, to, what) {
  if (from.length !== to.length) {
    throw new Error(`There are ${from.length} numbers for the ${what}; it takes ${to.length}.`);
  }
  let changed = false;
  for (let k = 0; k < to.length; k++) {
    const before = to[k];
    to[k] = from[k];
    changed = changed || before !== to[k];
  }
  return changed;
}
