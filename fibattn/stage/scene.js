// @ts-check
/** The networks on the stage and their windows: what they compute for a view. */

import { compile } from "./interpreter.js";
import { isChanged } from "./view.js";

/** @typedef {import("./interpreter.js").GraphOutput} GraphOutput */

/**
 * One network of a run, with the weights of its random starts.
 *
 * @typedef {object} Player
 * @property {import("./interpreter.js").Network} network
 * @property {(start: number, epoch: number) => Float32Array} weights
 * @property {number[]} starts those whose weights are here
 * @property {number} epochs
 */

/**
 * Everything that was packed, ready to be asked.
 *
 * @typedef {object} Scene
 * @property {string} stamp equal for equal runs alone
 * @property {Record<string, any>} words what Python says: labels, colours, scales
 * @property {Player} attention
 * @property {Player} plain
 * @property {Player | null} pinned another network with attention, drawn beside as an outline
 * @property {number} steps
 * @property {number} features
 * @property {number} windows
 * @property {number} epochs
 * @property {number} horizon
 * @property {number[]} starts those whose weights are here
 * @property {number} repeats how many starts there are
 * @property {(all: boolean) => number[]} rows the indices of the windows in the heatmap, from top
 *   to bottom: all of them, or a sample
 * @property {ArrayLike<number>} order the indices of the windows by their targets
 * @property {(index: number) => Float32Array} window
 * @property {(index: number, ahead: number) => number} target
 * @property {(index: number, step: number) => boolean} needed whether the rule needs a step
 * @property {boolean} neededVaries whether other windows need other steps
 * @property {ArrayLike<number>} means what a hidden step holds, (steps, features)
 * @property {(network: string, start: number, epoch: number) => number} error test MSE; NaN before
 *   training
 * @property {[number, number]} range of the values, to draw and to drag them
 */

/**
 * What the networks compute for a view.
 *
 * @typedef {object} Picture
 * @property {Float32Array} x the window as it was given to the networks, (steps, features)
 * @property {Record<string, Float32Array>} outputs of the network with attention, by name
 * @property {number} prediction
 * @property {number} plain the plain network's prediction
 * @property {number} target
 */

/**
 * Return the weights' output: the one that says where a network looks.
 *
 * @param {{attention: Player}} scene
 * @returns {GraphOutput}
 */
export function weightsOf({ attention }) {
  const found = attention.network.outputs.find((output) => output.title === "Weights");
  if (!found) throw new Error("This network shows no attention weights.");
  return found;
}

/**
 * Return the scene of a packed run.
 *
 * @param {import("./unpacking.js").Packed} packed
 * @param {(words: any, arrays: any) => import("./interpreter.js").Graph} graphOf
 * @returns {Scene}
 */
export function sceneOf({ stamp, words, arrays }, graphOf) {
  const [windows, steps, features] = arrays.windows.shape;
  const horizon = arrays.targets.shape[1];
  const [, epochs] = arrays["attention.weights"].shape;
  const player = (/** @type {string} */ name) =>
    playerOf(name, words.networks[name], arrays, graphOf);
  const size = steps * features;
  const errors = (/** @type {string} */ name) => arrays[`${name}.errors`];
  /** @type {number[]} */
  const map = Array.from(arrays.map.values);
  return {
    stamp,
    words,
    attention: player("attention"),
    plain: player("plain"),
    pinned: words.networks.pinned ? player("pinned") : null,
    steps,
    features,
    windows,
    epochs: epochs - 1,
    horizon,
    starts: words.starts,
    repeats: errors("attention").shape[1],
    rows: (all) => (all ? map : Array.from(arrays.sample.values, (place) => map[place])),
    order: arrays.order.values,
    window: (index) =>
      /** @type {Float32Array} */ (arrays.windows.values).subarray(
        index * size,
        (index + 1) * size,
      ),
    target: (index, ahead) => arrays.targets.values[index * horizon + ahead],
    needed: (index, step) => Boolean(arrays.needed?.values[index * steps + step]),
    neededVaries: varies(arrays.needed?.values ?? [], steps),
    means: arrays.means.values,
    error(network, start, epoch) {
      const { values, shape } = errors(network);
      return epoch ? values[(epoch - 1) * shape[1] + start] : Number.NaN;
    },
    range: words.range,
  };
}

/**
 * Say whether not all rows are equal.
 *
 * @param {ArrayLike<number>} values (rows, size)
 * @param {number} size
 * @returns {boolean}
 */
function varies(values, size) {
  return Array.from(values).some((value, k) => value !== values[k % size]);
}

/**
 * Return one network, with the weights of its starts.
 *
 * @param {string} name
 * @param {any} words
 * @param {Record<string, import("./unpacking.js").Shaped>} arrays
 * @param {(words: any, arrays: any) => import("./interpreter.js").Graph} graphOf
 * @returns {Player}
 */
function playerOf(name, words, arrays, graphOf) {
  /** @type {Record<string, any>} */
  const own = {};
  for (const [key, array] of Object.entries(arrays)) {
    if (key.startsWith(`${name}.`)) own[key.slice(name.length + 1)] = array;
  }
  const [, epochs, size] = own.weights.shape;
  const network = compile(graphOf(words.graph, own));
  return {
    network,
    weights(start, epoch) {
      const place = words.starts.indexOf(start) * epochs + epoch;
      return own.weights.values.subarray(place * size, (place + 1) * size);
    },
    starts: words.starts,
    epochs: epochs - 1,
  };
}

/**
 * Compute all that is drawn for a view. The arrays are overwritten by the next call.
 *
 * @param {Scene} scene
 * @param {import("./view.js").View} view
 * @returns {Picture}
 */
export function compute(scene, view) {
  const x = windowOf(scene, view);
  const { network } = scene.attention;
  const prediction = predict(scene.attention, x, scene.steps, view, view.epoch);
  const outputs = Object.fromEntries(
    network.outputs.map((each) => [each.name, network.output(each.name)]),
  );
  const plain = scene.plain.network.run(x, scene.plain.weights(view.start, view.epoch))[view.ahead];
  return { x, outputs, prediction, plain, target: scene.target(view.window, view.ahead) };
}

/**
 * What the pinned network computes for a view.
 *
 * @typedef {object} Outline
 * @property {Float32Array} weights (steps,), overwritten by the next call
 * @property {number} prediction
 */

/**
 * Compute what the pinned network makes of a view: of the same epoch, as long as it has it, and of
 * its last beside the last. All that was changed is changed for it too.
 *
 * @param {Scene} scene
 * @param {import("./view.js").View} view
 * @returns {Outline | null} null without one, or where it has no such start
 */
export function outline(scene, view) {
  const { pinned, steps } = scene;
  if (!pinned?.starts.includes(view.start)) return null;
  const { epochs } = pinned;
  const epoch = view.epoch === scene.epochs ? epochs : Math.min(view.epoch, epochs);
  const prediction = predict(pinned, windowOf(scene, view), steps, view, epoch);
  const { name } = weightsOf({ attention: pinned });
  return { weights: ofStep(pinned.network.output(name), steps, view.ahead), prediction };
}

/**
 * Return the window of a view with all that was changed in it, (steps, features).
 *
 * @param {Scene} scene
 * @param {import("./view.js").View} view
 * @returns {Float32Array}
 */
function windowOf(scene, view) {
  const x = Float32Array.from(scene.window(view.window));
  for (const [step, value] of view.values) x[step * scene.features] = value;
  for (const step of view.hidden) {
    for (let k = step * scene.features; k < (step + 1) * scene.features; k++) x[k] = scene.means[k];
  }
  return x;
}

/**
 * Run a network with attention on a window, and hold those of its weights that are held.
 *
 * @param {Player} player
 * @param {Float32Array} x
 * @param {number} steps
 * @param {import("./view.js").View} view
 * @param {number} epoch
 * @returns {number} the prediction
 */
function predict(player, x, steps, view, epoch) {
  const { network } = player;
  const given = player.weights(view.start, epoch);
  const { name } = weightsOf({ attention: player });
  network.hold(name, null);
  let prediction = network.run(x, given)[view.ahead];
  if (view.held.size) {
    network.hold(name, heldWeights(network.output(name), steps, view.held));
    prediction = network.run(x, given)[view.ahead];
    network.hold(name, null);
  }
  return prediction;
}

/**
 * Return weights of which some are held; the others stay as they are, so the sum may not be 1.
 *
 * @param {ArrayLike<number>} weights (steps,) or (…, steps)
 * @param {number} steps
 * @param {Map<number, number>} held
 * @returns {Float32Array}
 */
function heldWeights(weights, steps, held) {
  return Float32Array.from(weights, (weight, k) => held.get(k % steps) ?? weight);
}

/**
 * Return what stood there before anything was changed, copied; null if nothing was.
 *
 * @param {Scene} scene
 * @param {import("./view.js").View} view
 * @returns {Picture | null}
 */
export function shadow(scene, view) {
  if (!isChanged(view)) return null;
  const before = compute(scene, {
    ...view,
    values: new Map(),
    hidden: new Set(),
    held: new Map(),
  });
  const outputs = Object.entries(before.outputs).map(([name, values]) => [name, values.slice()]);
  return { ...before, outputs: Object.fromEntries(outputs) };
}

/**
 * Return by how much the prediction changes when each step in turn holds its mean: (steps,).
 *
 * @param {Scene} scene
 * @param {import("./view.js").View} view
 * @returns {Float32Array}
 */
export function hideInTurn(scene, view) {
  const { prediction } = compute(scene, view);
  return Float32Array.from({ length: scene.steps }, (_, step) => {
    const hidden = new Set([...view.hidden, step]);
    const { prediction: without } = compute(scene, { ...view, hidden });
    return Math.abs(without - prediction);
  });
}

/**
 * Return the weights of a test window with nothing changed, (steps,). They are overwritten by the
 * next call.
 *
 * @param {Scene} scene
 * @param {import("./view.js").View} view
 * @param {number} index of the window
 * @returns {Float32Array}
 */
export function weightsOfWindow(scene, view, index) {
  const { network, weights } = scene.attention;
  network.run(scene.window(index), weights(view.start, view.epoch));
  return ofStep(network.output(weightsOf(scene).name), scene.steps, view.ahead);
}

/**
 * Return the weights for one predicted step, of a decoder that has a row for each.
 *
 * @param {Float32Array} weights
 * @param {number} steps
 * @param {number} ahead
 * @returns {Float32Array} (steps,)
 */
export function ofStep(weights, steps, ahead) {
  return weights.length === steps ? weights : weights.subarray(ahead * steps, (ahead + 1) * steps);
}
