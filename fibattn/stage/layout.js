// @ts-check
/** Where everything on the stage stands, in CSS pixels, for the room there is. */

/** From this width on all windows stand beside the chosen one. */
const WIDE = 760;

/**
 * @typedef {object} Row a row above the step axis
 * @property {string} kind "values", "states", "line", "heads", "weights", "ahead" or "effects"
 * @property {import("./interpreter.js").GraphOutput | null} output null: the window's values
 * @property {number} top
 * @property {number} height
 *
 * @typedef {object} Layout
 * @property {boolean} wide
 * @property {number} width of the drawing of the chosen window
 * @property {number} height
 * @property {number} left where the first step begins
 * @property {number} step the width of a step, with its gap
 * @property {number} gap
 * @property {Row[]} rows
 * @property {number} axis where the steps' names stand
 * @property {number} context where the context stands
 * @property {number} scale where the scale of the predictions stands
 * @property {number} mapWidth of the heatmap
 */

/**
 * Return the layout for a width.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {number} room how wide the stage may be
 * @param {boolean} occluded whether the effects of hiding are a row too
 * @returns {Layout}
 */
export function layoutOf(scene, room, occluded) {
  const wide = room >= WIDE;
  const mapWidth = wide ? Math.min(210, Math.max(150, room * 0.19)) : room;
  // A pixel less than there is: where the page is enlarged, widths are rounded.
  const width = wide ? room - mapWidth - 29 : room;
  const left = wide ? 92 : 0;
  const right = wide ? 216 : 112;
  const step = (width - left - right) / scene.steps;
  const rows = rowsOf(scene, wide, occluded);
  const last = rows[rows.length - 1];
  const axis = last.top + last.height + 18;
  return {
    wide,
    width,
    height: axis + 8,
    left,
    step,
    gap: Math.min(5, step * 0.2),
    rows,
    axis,
    context: width - right + (wide ? 16 : 8),
    scale: width - right + (wide ? 92 : 44),
    mapWidth,
  };
}

/**
 * Return the rows of the chosen window: its values, then what has the steps as its first axis.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {boolean} wide
 * @param {boolean} occluded
 * @returns {Row[]}
 */
function rowsOf(scene, wide, occluded) {
  const label = wide ? 0 : 20; // on a phone the name of a row stands above it
  /** @type {[string, import("./interpreter.js").GraphOutput | null, number][]} */
  const wanted = [["values", null, 66]];
  const { outputs } = scene.attention.network;
  for (const output of outputs) {
    const kind = kindOf(output, outputs, scene.steps);
    if (!kind) continue;
    const units = output.shape[1] ?? 1;
    const heights = {
      states: Math.min(56, 16 + 6 * units),
      line: 36,
      heads: 12 * output.shape[0],
      weights: 66,
    };
    wanted.push([kind, output, heights[kind]]);
  }
  const looked = outputs.find((output) => output.title === "Weights");
  if (looked && looked.shape.length === 2) wanted.push(["ahead", looked, 12 * looked.shape[0]]);
  if (occluded) wanted.push(["effects", null, 44]);
  let top = 6 + label;
  return wanted.map(([kind, output, height]) => {
    const row = { kind, output, top, height };
    top += height + 13 + label;
    return row;
  });
}

/**
 * Return how an output is drawn along the steps, "" if it does not stand along them.
 *
 * @param {import("./interpreter.js").GraphOutput} output
 * @param {import("./interpreter.js").GraphOutput[]} outputs of the same network
 * @param {number} steps
 * @returns {"" | "states" | "line" | "heads" | "weights"}
 */
export function kindOf(output, outputs, steps) {
  const { title, shape, axes } = output;
  if (title === "Weights") return "weights";
  const last = shape.length - 1;
  if (axes[last] === "time" && shape[last] === steps) {
    if (axes[0] === "heads") return last === 2 ? "heads" : "";
    return last === 0 || (last === 1 && axes[0] === "queries") ? "line" : "";
  }
  if (last !== 1 || shape[0] !== steps) return "";
  if (axes[0] === "time" && axes[1] === "units") return "states";
  if (!isPassedOn(output, outputs)) return "";
  return shape[1] === 1 ? "line" : "states";
}

/**
 * Say whether it is what an attention layer that makes no context hands on: one row for each step.
 *
 * @param {import("./interpreter.js").GraphOutput} output
 * @param {import("./interpreter.js").GraphOutput[]} outputs
 * @returns {boolean}
 */
function isPassedOn({ name, title }, outputs) {
  const [layer] = name.split(".");
  const own = outputs.filter((each) => each.name.split(".")[0] === layer);
  const titles = own.map((each) => each.title);
  if (!titles.includes("Weights") || titles.includes("Context")) return false;
  return title === "Weighted" || title === "Attended";
}
