// @ts-check
/** How the stage names steps and writes numbers. */

/**
 * Return the name of a step: t−19 … t−1, t.
 *
 * @param {number} steps how many steps a window has
 * @param {number} step from 0, the oldest
 * @returns {string}
 */
export function stepName(steps, step) {
  const back = steps - 1 - step;
  return back ? `t−${back}` : "t";
}

/**
 * Write a number with at most three digits that count, as the page does.
 *
 * @param {number} value
 * @returns {string}
 */
export function readable(value) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size >= 1e6 || size < 1e-3) text = power(value);
  else if (size >= 100) text = Math.round(value).toLocaleString("en");
  else text = String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
}

/**
 * Write a number as a power of ten: 2.1 × 10⁻⁵.
 *
 * @param {number} value
 * @returns {string}
 */
function power(value) {
  const [digits, exponent] = value.toExponential(1).split("e");
  const raised = [...String(Number(exponent))].map((sign) => RAISED[sign]).join("");
  return `${Number(digits)} × 10${raised}`;
}

/** @type {Record<string, string>} */
const RAISED = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};
