// @ts-check
/** Reads what `fibattn/stage/packing.py` has packed: a run's graph, weights and windows. */

/**
 * An array with its shape.
 *
 * @typedef {object} Shaped
 * @property {import("./operations.js").Numbers} values flat, row-major
 * @property {number[]} shape
 */

/**
 * What was packed.
 *
 * @typedef {object} Packed
 * @property {string} stamp equal for equal contents alone
 * @property {Record<string, any>} words the header: whatever was said beside the arrays
 * @property {Record<string, Shaped>} arrays by name
 */

/**
 * A trained network's weights and the windows it was tested on.
 *
 * @typedef {object} PackedRun
 * @property {string} stamp equal for equal contents alone
 * @property {Record<string, any>} words
 * @property {import("./interpreter.js").Graph} graph
 * @property {() => number[]} starts the numbers of the random starts whose weights are here
 * @property {number} epochs how many epochs were trained
 * @property {number} windows how many test windows there are
 * @property {number[]} windowShape (time_steps, features)
 * @property {(start: number, epoch: number) => Float32Array} weights
 *   all variables of one random start after an epoch; epoch 0 is before the first
 * @property {(packed: ArrayBuffer | Uint8Array) => void} add
 *   take over the weights of another random start, as `pack_start` has packed them
 * @property {(index: number) => Float32Array} window a test window, scaled
 * @property {(index: number) => Float32Array} target what follows it, (horizon,), scaled
 */

/**
 * Return the arrays in some bytes, without copying them, and the header.
 *
 * @param {ArrayBuffer | Uint8Array} packed
 * @returns {Packed}
 */
export function unpack(packed) {
  let bytes = packed instanceof Uint8Array ? packed : new Uint8Array(packed);
  // Typed arrays of four bytes can only begin at a multiple of four.
  if (bytes.byteOffset % 4) bytes = bytes.slice();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(textOf(bytes.subarray(4, 4 + length)));
  const begin = bytes.byteOffset + 4 + length;
  /** @type {Record<string, Shaped>} */
  const arrays = {};
  for (const [name, { kind, shape, start }] of Object.entries(header.arrays)) {
    const size = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    const values =
      kind === "int32"
        ? new Int32Array(bytes.buffer, begin + start, size)
        : new Float32Array(bytes.buffer, begin + start, size);
    arrays[name] = { values, shape };
  }
  return { stamp: header.stamp, words: header, arrays };
}

/**
 * Return a packed run, to be compiled and run.
 *
 * @param {ArrayBuffer | Uint8Array} packed
 * @returns {PackedRun}
 */
export function unpackRun(packed) {
  const { stamp, words, arrays } = unpack(packed);
  const [, rows, size] = arrays.weights.shape;
  const [windows, ...windowShape] = arrays.windows.shape;
  /** @type {Map<number, Float32Array[]>} */
  const weights = new Map();
  /** @type {(starts: number[], array: Shaped) => void} */
  const keep = (starts, array) =>
    starts.forEach((start, place) => {
      const epochs = Array.from({ length: rows }, (_, row) =>
        part(array, place * rows + row, size),
      );
      weights.set(start, epochs);
    });

  keep(words.starts, arrays.weights);
  return {
    stamp,
    words,
    graph: graphOf(words.graph, arrays),
    starts: () => [...weights.keys()],
    epochs: rows - 1,
    windows,
    windowShape,
    weights(start, epoch) {
      const found = weights.get(start)?.[epoch];
      if (found) return found;
      throw new Error(`The weights of start ${start} after epoch ${epoch} are not here.`);
    },
    add(more) {
      const another = unpack(more);
      keep(another.words.starts, another.arrays.weights);
    },
    window: (index) => part(arrays.windows, index, windowShape[0] * windowShape[1]),
    target: (index) => part(arrays.targets, index, arrays.targets.shape[1]),
  };
}

/**
 * Return a graph in the form that the interpreter takes.
 *
 * @param {any} words the header's entry
 * @param {Record<string, Shaped>} arrays all arrays; the graph's are called "graph.0", "graph.1" …
 * @returns {import("./interpreter.js").Graph}
 */
export function graphOf(words, arrays) {
  const numbers = Object.keys(arrays).filter((name) => name.startsWith("graph."));
  return {
    nodes: words.nodes.map((/** @type {any[]} */ [operation, inputs, size, attributes]) => ({
      operation,
      inputs,
      size,
      attributes,
    })),
    arrays: numbers.map((_, number) => arrays[`graph.${number}`].values),
    weights: words.weights,
    outputs: words.outputs,
  };
}

/**
 * Return row number `index` of an array, taken as rows of `size` elements.
 *
 * @param {Shaped} array
 * @param {number} index
 * @param {number} size
 * @returns {Float32Array}
 */
function part({ values }, index, size) {
  return /** @type {Float32Array} */ (values).subarray(index * size, (index + 1) * size);
}

/**
 * Return ASCII as text.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function textOf(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4096));
  }
  return text;
}
