// @ts-check
/** What has changed on the stage, in words for who does not see it. */

import { readable, stepName } from "./words.js";

/**
 * Return the sentences that say what differs between two views.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {Record<string, any>} before of `asAsked`
 * @param {Record<string, any>} now
 * @returns {string}
 */
export function changesOf(scene, before, now) {
  const { steps } = scene;
  const name = (/** @type {number} */ step) => stepName(steps, step);
  const said = [];
  if (now.window !== before.window)
    said.push(`Window ${Array.from(scene.order).indexOf(now.window) + 1} of ${scene.windows}`);
  if (now.epoch !== before.epoch) said.push(`Epoch ${now.epoch} of ${scene.epochs}`);
  if (now.start !== before.start) said.push(`Start ${now.start + 1} of ${scene.repeats}`);
  if (now.ahead !== before.ahead) said.push(`Step ahead ${now.ahead + 1} of ${scene.horizon}`);
  const values = differing(before.values, now.values);
  const held = differing(before.held, now.held);
  const hidden = differing(
    before.hidden.map((/** @type {number} */ step) => [step, 1]),
    now.hidden.map((/** @type {number} */ step) => [step, 1]),
  );
  for (const [step, value] of values)
    said.push(value === null ? `${name(step)} is put back` : `${name(step)} is ${readable(value)}`);
  for (const [step, value] of hidden)
    said.push(`${name(step)} is ${value === null ? "shown again" : "hidden"}`);
  for (const [step, value] of held) {
    const to = value === null ? "as computed" : `held at ${readable(value)}`;
    said.push(`The weight of ${name(step)} is ${to}`);
  }
  if (now.opened !== before.opened) said.push(now.opened ? "Opened up" : "Closed");
  if (now.occluded !== before.occluded)
    said.push(now.occluded ? "Each step is hidden in turn" : "No step is hidden in turn");
  if (now.all !== before.all)
    said.push(now.all ? "All windows are shown" : "A sample of the windows is shown");
  return said.map((each) => `${each}.`).join(" ");
}

/**
 * Return what is new or another in a list of pairs; null stands for what is no longer there.
 *
 * @param {[number, number][]} before
 * @param {[number, number][]} now
 * @returns {[number, number | null][]}
 */
function differing(before, now) {
  const had = new Map(before);
  const has = new Map(now);
  const gone = [...had.keys()].filter((step) => !has.has(step));
  return [
    ...now.filter(([step, value]) => had.get(step) !== value),
    ...gone.map((step) => /** @type {[number, null]} */ ([step, null])),
  ];
}
