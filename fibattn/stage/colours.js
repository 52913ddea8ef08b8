// @ts-check
/** Which colour a number has: a state between −1 and 1, or a share of the scale of weights. */

import { rgb } from "./elements.js";

/** From purple, −1, to green, +1. */
const NEGATIVE = [118, 42, 131];
const POSITIVE = [27, 120, 84];

/**
 * Return the colour of a state: the further from 0, the fuller.
 *
 * @param {number} value
 * @returns {number[]} red, green, blue and opacity
 */
export function stateColour(value) {
  const [red, green, blue] = value < 0 ? NEGATIVE : POSITIVE;
  return [red, green, blue, 25 + 230 * Math.min(1, Math.abs(value))];
}

/**
 * Return what gives a colour of a scale for a share of it, from 0 to 1.
 *
 * @param {string[]} scale
 * @returns {(share: number) => number[]} red, green, blue and opacity
 */
export function colours(scale) {
  const table = scale.map((hex) => [...rgb(hex), 255]);
  const last = table.length - 1;
  return (share) => table[Math.max(0, Math.min(last, Math.round(share * last)))] ?? [0, 0, 0, 0];
}
