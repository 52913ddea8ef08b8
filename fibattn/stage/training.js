// @ts-check
/**
 * Trains networks as Keras's `fit` does: each step's loss and gradient come from the traced graph,
 * the order of windows from the run's seed, and Adam works on each number by itself.
 */

import { compile } from "./interpreter.js";
import { permutation } from "./random.js";
import { graphOf, unpack } from "./unpacking.js";

/**
 * A network, and what it is trained on.
 *
 * @typedef {object} Lesson
 * @property {Record<string, any>} words see `fibattn/take_away/training.py`
 * @property {Examples} train
 * @property {Examples} test
 * @property {Record<string, Learner>} learners by the network's name
 */

/**
 * @typedef {object} Examples
 * @property {ArrayLike<number>[]} windows
 * @property {ArrayLike<number>[]} targets
 */

/**
 * @typedef {object} Learner
 * @property {import("./interpreter.js").Network} step error and gradient of one window
 * @property {import("./interpreter.js").Network} test the error alone
 * @property {(start: number) => Float32Array} weights before training, of a new start, from 0
 */

/**
 * One of several new random starts of a network.
 *
 * @typedef {{network: string, start: number}} Job
 */

/**
 * Where the training of one start stands after an epoch.
 *
 * @typedef {object} Epoch
 * @property {string} network
 * @property {number} start
 * @property {number} epoch how many epochs it has been trained
 * @property {number} loss the mean over the training windows, while the weights changed
 * @property {number} valLoss the mean over the test windows, at the end
 * @property {Float32Array} weights
 */

/**
 * Return what can be learned from a kept page's bytes.
 *
 * @param {ArrayBuffer | Uint8Array} run the stage's, which has the test windows
 * @param {ArrayBuffer | Uint8Array} training what was packed for training
 * @returns {Lesson}
 */
export function lessonOf(run, training) {
  const { words, arrays } = unpack(training);
  const tested = unpack(run).arrays;
  /** @type {Record<string, Learner>} */
  const learners = {};
  for (const name of Object.keys(words.networks)) {
    /** @type {Record<string, any>} */
    const own = {};
    for (const [key, array] of Object.entries(arrays)) {
      if (key.startsWith(`${name}.`)) own[key.slice(name.length + 1)] = array;
    }
    const graph = graphOf(words.networks[name], own);
    const [error] = graph.outputs;
    const size = own.weights.shape[1];
    learners[name] = {
      step: compile(graph),
      test: compile({ ...graph, nodes: graph.nodes.slice(0, error.node + 1), outputs: [error] }),
      weights: (start) => own.weights.values.slice(start * size, (start + 1) * size),
    };
  }
  const examples = (/** @type {any} */ of) => ({
    windows: eachRow(of.windows),
    targets: eachRow(of.targets),
  });
  return { words, train: examples(arrays), test: examples(tested), learners };
}

/**
 * @param {import("./unpacking.js").Shaped} array
 * @returns {import("./operations.js").Numbers[]} a row for each place of its first axis
 */
function eachRow({ values, shape }) {
  const size = values.length / shape[0];
  return Array.from({ length: shape[0] }, (_, row) =>
    values.subarray(row * size, (row + 1) * size),
  );
}

/**
 * Train some starts, all of them one epoch after the other, and tell of each when it is through.
 *
 * @param {Lesson} lesson
 * @param {Job[]} jobs
 * @returns {Generator<Epoch>}
 */
export function* train(lesson, jobs) {
  const { words, learners } = lesson;
  const students = jobs.map(({ network, start }) => {
    const weights = learners[network].weights(start);
    return { network, start, weights, update: adam(weights, words.rate, words.adam) };
  });
  for (let epoch = 1; epoch <= words.epochs; epoch++) {
    for (const { network, start, weights, update } of students) {
      const seed = [words.seed, words.first + start, epoch - 1];
      const order = permutation(seed, lesson.train.windows.length);
      const { step, test } = learners[network];
      const loss = trainEpoch(step, lesson.train, order, words.batch, weights, update);
      yield { network, start, epoch, loss, valLoss: errorOf(test, lesson.test, weights), weights };
    }
  }
}

/**
 * Train for one epoch, batch by batch; the last one may be smaller.
 *
 * @param {import("./interpreter.js").Network} step
 * @param {Examples} examples
 * @param {Int32Array} order
 * @param {number} batch how many windows one step of Adam is for
 * @param {Float32Array} weights will be changed
 * @param {(gradient: Float64Array) => void} update changes them
 * @returns {number} the mean loss
 */
function trainEpoch(step, { windows, targets }, order, batch, weights, update) {
  const [error, gradient] = step.outputs.map(({ name }) => step.output(name));
  const mean = new Float64Array(gradient.length);
  let total = 0;
  for (let first = 0; first < order.length; first += batch) {
    const last = Math.min(first + batch, order.length);
    mean.fill(0);
    for (let k = first; k < last; k++) {
      step.run(windows[order[k]], weights, targets[order[k]]);
      total += error[0];
      for (let j = 0; j < mean.length; j++) mean[j] += gradient[j] / (last - first);
    }
    update(mean);
  }
  return total / order.length;
}

/**
 * @param {import("./interpreter.js").Network} test
 * @param {Examples} examples
 * @param {Float32Array} weights
 * @returns {number} the mean error
 */
function errorOf(test, { windows, targets }, weights) {
  let total = 0;
  windows.forEach((window, k) => {
    total += test.run(window, weights, targets[k])[0];
  });
  return total / windows.length;
}

/**
 * Return what changes weights by one step of Adam (Kingma & Ba 2014, arXiv 1412.6980, in the order
 * of operations before its section 2.1's end, as in Keras).
 *
 * @param {Float32Array} weights
 * @param {number} rate
 * @param {{beta_1: number, beta_2: number, epsilon: number}} settings
 * @returns {(gradient: ArrayLike<number>) => void}
 */
function adam(weights, rate, { beta_1: first, beta_2: second, epsilon }) {
  const mean = new Float32Array(weights.length);
  const square = new Float32Array(weights.length);
  let steps = 0;
  return (gradient) => {
    steps += 1;
    const size = (rate * Math.sqrt(1 - second ** steps)) / (1 - first ** steps);
    for (let j = 0; j < weights.length; j++) {
      mean[j] += (gradient[j] - mean[j]) * (1 - first);
      square[j] += (gradient[j] * gradient[j] - square[j]) * (1 - second);
      weights[j] -= (mean[j] * size) / (Math.sqrt(square[j]) + epsilon);
    }
  };
}
