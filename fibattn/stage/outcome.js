// @ts-check
/** Draws what becomes of the weighted states: the context, and the prediction on its scale. */

import { stateColour } from "./colours.js";
import { make, put } from "./elements.js";
import { drawGrid } from "./grids.js";
import { ofStep, weightsOf } from "./scene.js";
import { readable } from "./words.js";

/** Weights below this share of 1/T have no ribbon. */
const SEEN = 1.5;

/** A value of so many signs stands in one line with its name. */
const SHORT = 7;

/**
 * Draw the outcome once; return the function that moves it.
 *
 * @param {HTMLElement} place
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {import("./layout.js").Layout} layout
 * @returns {(drawn: import("./rows.js").Drawn) => void}
 */
export function drawOutcome(place, svg, scene, layout) {
  const moveContext = drawContext(place, svg, scene, layout);
  const top = 14;
  const bottom = layout.axis - 30;
  const [low, high] = scene.words.targets;
  const y = (/** @type {number} */ value) => {
    const share = (value - low) / (high - low);
    return (
      bottom - (bottom - top) * Math.min(1.02, Math.max(-0.02, Number.isFinite(share) ? share : 0))
    );
  };
  make(
    "svg:rect",
    { x: layout.scale - 3, y: top, width: 6, height: bottom - top, rx: 3, class: "track" },
    svg,
  );
  make(
    "svg:text",
    { x: layout.scale, y: layout.axis, class: "tick", text: layout.wide ? "prediction" : "output" },
    svg,
  );
  const dot = (/** @type {string} */ kind, /** @type {number} */ r) =>
    make("svg:circle", { cx: layout.scale, r, class: kind }, svg);
  const dots = {
    old: dot("dot oldprediction", 6),
    pinned: dot("dot pinnedprediction", 9),
    plain: dot("dot plain", 6),
    prediction: dot("dot attention", 7),
    target: dot("dot target", 11),
  };
  const text = (/** @type {string} */ kind) =>
    make("svg:text", { x: layout.scale + 16, class: `said ${kind}` }, svg);
  const texts = { target: text("target"), prediction: text("attention"), plain: text("plain") };
  return (drawn) => {
    moveContext(drawn);
    const { picture, before, pinned } = drawn;
    for (const name of /** @type {const} */ (["plain", "prediction", "target"]))
      put(dots[name], { cy: y(picture[name]) });
    put(dots.old, {
      cy: y(before ? before.prediction : 0),
      visibility: before ? "visible" : "hidden",
    });
    put(dots.pinned, {
      cy: y(pinned ? pinned.prediction : 0),
      visibility: pinned ? "visible" : "hidden",
    });
    const said = [
      { text: texts.target, words: "target", scaled: picture.target },
      { text: texts.prediction, words: "attention", scaled: picture.prediction },
      { text: texts.plain, words: "plain", scaled: picture.plain },
    ].map((each) => ({ ...each, value: readable(unscale(scene, each.scaled)) }));
    const inOne = layout.wide && said.every(({ value }) => value.length <= SHORT);
    const places = apart(
      said.map(({ scaled }) => y(scaled)),
      inOne ? 17 : 34,
      [16, bottom],
    );
    said.forEach(({ text, words, value }, k) => {
      say(text, words, value, places[k], layout, inOne);
    });
  };
}

/**
 * @param {SVGTextElement} text
 * @param {string} words
 * @param {string} value
 * @param {number} y
 * @param {import("./layout.js").Layout} layout
 * @param {boolean} inOne in one line, else in two
 */
function say(text, words, value, y, layout, inOne) {
  if (inOne) {
    put(text, { y: y + 5, text: `${words} ${value}` });
    return;
  }
  put(text, { y: y - 3, text: "" });
  make("svg:tspan", { x: layout.scale + 14, text: words }, text);
  make("svg:tspan", { x: layout.scale + 14, dy: 15, text: value }, text);
}

/**
 * Return places at which texts do not lie over each other, as near as can be to those wanted.
 *
 * @param {number[]} wanted
 * @param {number} least the distance between two
 * @param {[number, number]} range within which all of them stand, if there is room
 * @returns {number[]}
 */
export function apart(wanted, least, [from, to]) {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b]);
  const places = [...wanted];
  const [first, middle, last] = order;
  places[first] = Math.min(wanted[first], wanted[middle] - least);
  places[last] = Math.max(wanted[last], wanted[middle] + least);
  let upTo = to;
  for (const k of [last, middle, first]) {
    places[k] = Math.min(places[k], upTo);
    upTo = places[k] - least;
  }
  let below = from;
  for (const k of [first, middle, last]) {
    places[k] = Math.max(places[k], below);
    below = places[k] + least;
  }
  return places;
}

/**
 * Return a scaled value on the original scale.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {number} value
 * @returns {number}
 */
export function unscale(scene, value) {
  const { low, high, log } = scene.words.scaling;
  const plain = low + value * (high - low);
  return log ? Math.exp(plain) : plain;
}

/**
 * Draw the context, and a ribbon from each step that has much weight to it.
 *
 * @param {HTMLElement} place
 * @param {SVGElement} svg
 * @param {import("./scene.js").Scene} scene
 * @param {import("./layout.js").Layout} layout
 * @returns {(drawn: import("./rows.js").Drawn) => void}
 */
function drawContext(place, svg, scene, layout) {
  const output = scene.attention.network.outputs.find((each) => each.title === "Context");
  const states = layout.rows.find((row) => row.kind === "states");
  if (!output || !states) return () => {};
  // Of a decoder each step ahead has a context of its own.
  const count = output.shape[output.shape.length - 1];
  const { top, height } = states;
  const width = layout.wide ? 22 : 14;
  const grid = drawGrid(place, { left: layout.context, top, width, height }, count, 1);
  make(
    "svg:text",
    {
      x: layout.context + width / 2,
      y: top - 7,
      class: "tick",
      text: layout.wide ? "context" : "",
    },
    svg,
  );
  const ribbons = Array.from({ length: scene.steps }, () =>
    make("svg:path", { class: "ribbon" }, svg),
  );
  const out = make("svg:path", { class: "out" }, svg);
  const { name } = weightsOf(scene);
  const from = top + height + 3;
  return ({ picture, before, view }) => {
    const first = output.shape.length > 1 ? view.ahead * count : 0;
    const of = (/** @type {import("./scene.js").Picture} */ { outputs }) => {
      return (/** @type {number} */ unit) => stateColour(outputs[output.name][first + unit]);
    };
    grid(of(picture), before && of(before));
    const weights = ofStep(picture.outputs[name], scene.steps, view.ahead);
    ribbons.forEach((ribbon, step) => {
      const weight = weights[step];
      const x = layout.left + (step + 0.5) * layout.step;
      const seen = weight * scene.steps > SEEN && Number.isFinite(weight);
      const d = `M${x} ${from}C${x} ${from + 16} ${layout.context - 40} ${from + 12} ${layout.context - 2} ${top + height / 2}`;
      put(ribbon, { d: seen ? d : "", "stroke-width": seen ? 1 + 10 * weight : 0 });
    });
    const [low, high] = scene.words.targets;
    const share = Math.min(1, Math.max(0, (picture.prediction - low) / (high - low))) || 0;
    const y = layout.axis - 30 - (layout.axis - 44) * share;
    const x = layout.context + width + 2;
    const end = layout.scale - 12;
    put(out, {
      d: `M${x} ${top + height / 2}C${x + 24} ${top + height / 2} ${end - 24} ${y} ${end} ${y}`,
    });
  };
}
