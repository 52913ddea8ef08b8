// @ts-check
/** The legend of the stage: what its colours, lines and frames say. */

import { stateColour } from "./colours.js";
import { make } from "./elements.js";

/** From −1 to 1 in so many colours. */
const SHADES = 9;

/**
 * Draw the legend: what this stage has of it.
 *
 * @param {HTMLElement} place
 * @param {import("./scene.js").Scene} scene
 */
export function drawSigns(place, scene) {
  const list = make("ul", { class: "legend", "aria-label": "Legend" }, place);
  const entry = (/** @type {string} */ kind, /** @type {string} */ text) => {
    const item = make("li", {}, list);
    const sign = make("span", { class: `sign ${kind}`, "aria-hidden": true }, item);
    make("span", { text }, item);
    return sign;
  };
  const shades = Array.from({ length: SHADES }, (_, k) => {
    const [red, green, blue, opacity] = stateColour((2 * k) / (SHADES - 1) - 1);
    return `rgb(${red} ${green} ${blue} / ${opacity / 255})`;
  });
  entry("shades", "states and context, −1 to 1").style.background =
    `linear-gradient(to right, ${shades.join(",")})`;
  entry("uniformline", "1/T: all steps alike");
  if (scene.words.ceiling < 1) entry("ceilingline", "the most that one step can get");
  if (anyNeeded(scene)) entry("neededbox", "needed by the rule");
  entry("ghostbox", "before your change; of a colour, its left edge");
}

/** @param {import("./scene.js").Scene} scene */
function anyNeeded({ steps, needed }) {
  return Array.from({ length: steps }).some((_, step) => needed(0, step));
}
