// @ts-check
/** Draws tensors as grids of colours, and in each cell's left edge what it was before a change. */

import { make, paint } from "./elements.js";

/** A cell is so many pixels wide once anything was changed; the first of them is its shadow. */
const PARTS = 4;

/**
 * The colour of a cell: red, green, blue and opacity.
 *
 * @typedef {(row: number, column: number) => ArrayLike<number>} Colour
 */

/**
 * Draw a grid once; return the function that colours it.
 *
 * @param {HTMLElement} place
 * @param {{left: number, top: number, width: number, height: number}} box in CSS pixels
 * @param {number} rows
 * @param {number} columns
 * @returns {(now: Colour, before: Colour | null) => void} before: what stood there before anything
 *   was changed
 */
export function drawGrid(place, { left, top, width, height }, rows, columns) {
  const canvas = make("canvas", { class: "states", "aria-hidden": true }, place);
  canvas.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
  return (now, before) => {
    if (!before) {
      paint(canvas, columns, rows, now);
      return;
    }
    paint(canvas, PARTS * columns, rows, (row, part) => {
      const of = part % PARTS ? now : before;
      return of(row, Math.floor(part / PARTS));
    });
  };
}
