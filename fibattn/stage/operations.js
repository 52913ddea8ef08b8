// @ts-check
/**
 * The array operations of which every network is made; `fibattn/network/operations.py` says what
 * each one is. They know nothing of layers, and no formula of a layer stands here.
 *
 * Every array is flat. An operation is prepared once, with the arrays it reads and the one it
 * writes, and returns the function that computes it.
 */

/**
 * @typedef {Float32Array | Int32Array} Numbers
 * @typedef {number[]} Axis its size, and how far one step along it moves in each input
 * @typedef {object} Attributes
 * @property {Axis[]} [loops] the axes of the result, outermost first
 * @property {Axis} [over] the axis that is summed, or whose maximum is taken
 * @property {number} [length] how many elements one softmax has
 * @property {number} [offset] where a view or a weight begins
 * @property {number} [array] the number of an array of constants or of positions
 *
 * @typedef {(inputs: Float32Array[], output: Float32Array, attributes: Attributes,
 *   positions: Numbers) => () => void} Operation
 */

/**
 * Return where each place of some loops stands in one of the inputs.
 *
 * @param {Axis[]} loops the loops, outermost first
 * @param {number} input the number of the input
 * @returns {Int32Array} one position for each place, in the order of the loops
 */
export function placesOf(loops, input) {
  let places = [0];
  for (const axis of loops) {
    const step = axis[1 + input];
    places = places.flatMap((place) => Array.from({ length: axis[0] }, (_, i) => place + i * step));
  }
  return Int32Array.from(places);
}

/**
 * Prepare an operation on each element. The loop is written out for each function, as an engine
 * makes fast code of a loop only if it always calls the same one.
 *
 * @param {(x: Float32Array, z: Float32Array) => void} loop writes to z
 * @returns {Operation}
 */
const eachElement =
  (loop) =>
  ([x], z) =>
  () =>
    loop(x, z);

/**
 * Prepare an operation on the elements of two arrays of the same length.
 *
 * @param {(x: Float32Array, y: Float32Array, z: Float32Array) => void} loop writes to z
 * @returns {Operation}
 */
const eachPair =
  (loop) =>
  ([x, y], z) =>
  () =>
    loop(x, y, z);

/**
 * Prepare an operation on the elements of two arrays, of which the smaller is used repeatedly.
 *
 * @param {(x: Float32Array, y: Float32Array, z: Float32Array, i: Int32Array, j: Int32Array) => void}
 *   loop writes to z; i and j say which elements of x and y belong together
 * @returns {Operation}
 */
const broadcast =
  (loop) =>
  ([x, y], z, { loops = [] }) => {
    const i = placesOf(loops, 0);
    const j = placesOf(loops, 1);
    return () => loop(x, y, z, i, j);
  };

/** @type {Record<string, Operation>} */
export const OPERATIONS = {
  add: broadcast((x, y, z, i, j) => {
    for (let k = 0; k < z.length; k++) z[k] = x[i[k]] + y[j[k]];
  }),
  subtract: broadcast((x, y, z, i, j) => {
    for (let k = 0; k < z.length; k++) z[k] = x[i[k]] - y[j[k]];
  }),
  multiply: broadcast((x, y, z, i, j) => {
    for (let k = 0; k < z.length; k++) z[k] = x[i[k]] * y[j[k]];
  }),
  divide: broadcast((x, y, z, i, j) => {
    for (let k = 0; k < z.length; k++) z[k] = x[i[k]] / y[j[k]];
  }),
  maximum: broadcast((x, y, z, i, j) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.max(x[i[k]], y[j[k]]);
  }),
  minimum: broadcast((x, y, z, i, j) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.min(x[i[k]], y[j[k]]);
  }),
  equal: broadcast((x, y, z, i, j) => {
    for (let k = 0; k < z.length; k++) z[k] = x[i[k]] === y[j[k]] ? 1 : 0;
  }),

  tanh: eachElement((x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.tanh(x[k]);
  }),
  sigmoid: eachElement((x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = 1 / (1 + Math.exp(-x[k]));
  }),
  relu: eachElement((x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.max(0, x[k]);
  }),
  exp: eachElement((x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.exp(x[k]);
  }),
  log: eachElement((x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.log(x[k]);
  }),
  sqrt: eachElement((x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.sqrt(x[k]);
  }),
  abs: eachElement((x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = Math.abs(x[k]);
  }),

  tanh_gradient: eachPair((y, dy, z) => {
    for (let k = 0; k < z.length; k++) z[k] = dy[k] * (1 - y[k] * y[k]);
  }),
  sigmoid_gradient: eachPair((y, dy, z) => {
    for (let k = 0; k < z.length; k++) z[k] = dy[k] * y[k] * (1 - y[k]);
  }),
  relu_gradient: eachPair((dy, x, z) => {
    for (let k = 0; k < z.length; k++) z[k] = x[k] > 0 ? dy[k] : 0;
  }),

  join: (inputs, z) => () => {
    let start = 0;
    for (const x of inputs) {
      for (let k = 0; k < x.length; k++) z[start + k] = x[k];
      start += x.length;
    }
  },

  gather:
    ([x], z, _, positions) =>
    () => {
      for (let k = 0; k < z.length; k++) z[k] = positions[k] < 0 ? 0 : x[positions[k]];
    },

  softmax:
    ([x], z, { length = z.length }) =>
    () => {
      for (let start = 0; start < z.length; start += length) {
        const end = start + length;
        let largest = -Infinity;
        for (let k = start; k < end; k++) largest = Math.max(largest, x[k]);
        let sum = 0;
        for (let k = start; k < end; k++) {
          z[k] = Math.exp(x[k] - largest);
          sum += z[k];
        }
        for (let k = start; k < end; k++) z[k] /= sum;
      }
    },

  sum: ([x], z, { loops = [], over = [1, 1] }) => {
    const i = placesOf(loops, 0);
    const [count, step] = over;
    return () => {
      for (let k = 0; k < z.length; k++) {
        let sum = 0;
        for (let n = 0, p = i[k]; n < count; n++, p += step) sum += x[p];
        z[k] = sum;
      }
    };
  },

  max: ([x], z, { loops = [], over = [1, 1] }) => {
    const i = placesOf(loops, 0);
    const [count, step] = over;
    return () => {
      for (let k = 0; k < z.length; k++) {
        let largest = -Infinity;
        for (let n = 0, p = i[k]; n < count; n++, p += step) largest = Math.max(largest, x[p]);
        z[k] = largest;
      }
    };
  },

  contract: ([x, y], z, { loops = [], over = [1, 1, 1] }) => {
    const i = placesOf(loops, 0);
    const j = placesOf(loops, 1);
    const [count, stepX, stepY] = over;
    return () => {
      for (let k = 0; k < z.length; k++) {
        let sum = 0;
        for (let n = 0, p = i[k], q = j[k]; n < count; n++, p += stepX, q += stepY) {
          sum += x[p] * y[q];
        }
        z[k] = sum;
      }
    };
  },
};
