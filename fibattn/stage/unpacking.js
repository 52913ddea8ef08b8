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
