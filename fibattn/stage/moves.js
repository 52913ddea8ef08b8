// @ts-check
/** What a scene does on the stage is acted out before the reader's eyes, and said. */

import { readable, stepName } from "./words.js";

/** How long the picture stands before it is changed, and how long a change takes, in milliseconds. */
const BEFORE = 900;
const LASTS = 700;

/**
 * Return a view without what is changed in its window, and whether there is such a change.
 *
 * @param {Record<string, any>} asked as `viewOf` takes it
 * @returns {{base: Record<string, any>, acts: boolean}}
 */
export function changesIn(asked) {
  const lists = ["values", "hidden", "held"];
  const acts = lists.some((name) => asked[name]?.length);
  return { base: { ...asked, values: [], hidden: [], held: [] }, acts };
}

/**
 * Change the window as a view asks, after a moment: values move to where they go. Whoever wants no
 * motion sees the end at once.
 *
 * @param {ReturnType<typeof import("./stage.js").putStage>} stage without the changes
 * @param {Record<string, any>} asked
 * @param {(sentence: string) => void} tell told what is done
 * @returns {() => void} stops it
 */
export function actOut(stage, asked, tell) {
  const { scene } = stage;
  const { base } = changesIn(asked);
  const window = scene.window(stage.view.window);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let frame = 0;
  let begun = 0;
  const tick = (/** @type {number} */ now) => {
    begun ||= now;
    const share = still ? 1 : Math.min(1, (now - begun) / LASTS);
    const values = (asked.values ?? []).map((/** @type {[number, number]} */ [step, to]) => {
      const from = window[step * scene.features];
      return [step, from + share * (to - from)];
    });
    stage.moveTo(share < 1 ? { ...base, values } : asked);
    if (share < 1) frame = requestAnimationFrame(tick);
  };
  const timer = setTimeout(
    () => {
      tell(sentenceOf(asked, scene.steps));
      frame = requestAnimationFrame(tick);
    },
    still ? 0 : BEFORE,
  );
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}

/**
 * Say what a view changes in its window.
 *
 * @param {Record<string, any>} asked
 * @param {number} steps
 * @returns {string}
 */
export function sentenceOf({ values = [], hidden = [], held = [] }, steps) {
  const parts = [];
  for (const [step, to] of values)
    parts.push(`${stepName(steps, step)} is moved to ${readable(to)}`);
  for (const step of hidden)
    parts.push(`${stepName(steps, step)} is hidden: its mean stands there`);
  for (const [step, to] of held) {
    parts.push(`the weight of ${stepName(steps, step)} is held at ${readable(to)}`);
  }
  return `On the stage ${parts.join(", and ")}. “Put back” undoes it.`;
}
