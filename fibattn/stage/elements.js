// @ts-check
/** Makes the elements of the stage: HTML, SVG, and small pictures of numbers. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string | number | boolean | null>} Attributes */

/**
 * Return a new element, as the last child of a parent.
 *
 * @param {string} tag an HTML tag, or "svg:" and an SVG tag
 * @param {Attributes} attributes null leaves one out; `text` is the element's text
 * @param {Element} [parent]
 * @returns {any}
 */
export function make(tag, attributes = {}, parent) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS(SVG, tag.slice(4))
    : document.createElement(tag);
  put(node, attributes);
  parent?.append(node);
  return node;
}

/**
 * Set attributes of an element.
 *
 * @param {Element} node
 * @param {Attributes} attributes null removes one; `text` is the element's text
 */
export function put(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = String(value);
    else if (value === null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * Show numbers as a picture of one pixel each, which the style sheet makes larger.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} columns
 * @param {number} rows
 * @param {(row: number, column: number) => ArrayLike<number>} colour red, green, blue and opacity,
 *   each from 0 to 255
 */
export function paint(canvas, columns, rows, colour) {
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const image = pen.createImageData(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      image.data.set(colour(row, column), 4 * (row * columns + column));
    }
  }
  pen.putImageData(image, 0, 0);
}

/**
 * Return a colour such as "#2B84C6" as red, green and blue, each from 0 to 255.
 *
 * @param {string} hex
 * @returns {number[]}
 */
export function rgb(hex) {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}

/**
 * Return what has the focus in an element: its name, or its class; "" if nothing has.
 *
 * @param {Element} place
 * @returns {string}
 */
export function focusedIn(place) {
  const root = /** @type {ShadowRoot | Document} */ (place.getRootNode());
  const active = root.activeElement;
  return active && place.contains(active) ? nameOf(active) : "";
}

/**
 * Give the focus to what has the same name, after an element was drawn anew.
 *
 * @param {Element} place
 * @param {string} name of `focusedIn`
 */
export function focusAgain(place, name) {
  if (!name) return;
  const all = place.querySelectorAll("button, input, select, [tabindex]");
  const same = Array.from(all).find((each) => nameOf(each) === name);
  /** @type {HTMLElement | undefined} */ (same)?.focus({ preventScroll: true });
}

/**
 * @param {Element} element
 * @returns {string}
 */
function nameOf(element) {
  return element.getAttribute("aria-label") ?? element.getAttribute("class") ?? "";
}
