// @ts-check
/** What is looked at: a window, an epoch, a start, and what was changed in the window. */

/**
 * @typedef {object} View
 * @property {number} window the index of a test window
 * @property {number} epoch from 0, before training
 * @property {number} start the number of a random start
 * @property {number} ahead which predicted step, from 0
 * @property {number} step the chosen step of the window, from 0
 * @property {Map<number, number>} values dragged or typed, scaled, by step
 * @property {Set<number>} hidden steps that hold their mean
 * @property {Map<number, number>} held weights that are held, by step
 * @property {boolean} opened whether the rows show their numbers, formulas and code
 * @property {boolean} occluded whether each step is hidden in turn
 * @property {boolean} all whether all windows stand in the heatmap, not a sample
 */

/**
 * Return the view a page begins with.
 *
 * @param {import("./scene.js").Scene} scene
 * @param {Record<string, any>} asked what the address asks for; see `asAsked`
 * @returns {View}
 */
export function viewOf(scene, asked = {}) {
  const within = (
    /** @type {any} */ value,
    /** @type {number} */ most,
    /** @type {number} */ other,
  ) => (Number.isInteger(value) && value >= 0 && value <= most ? value : other);
  const pairs = (/** @type {any} */ list) =>
    (Array.isArray(list) ? list : []).filter(
      ([step, value]) => within(step, scene.steps - 1, -1) === step && Number.isFinite(value),
    );
  const hidden = Array.isArray(asked.hidden) ? asked.hidden : [];
  return {
    window: within(asked.window, scene.windows - 1, 0),
    epoch: within(asked.epoch, scene.epochs, scene.epochs),
    start: scene.starts.includes(asked.start) ? asked.start : scene.starts[0],
    ahead: within(asked.ahead, scene.horizon - 1, 0),
    step: within(asked.step, scene.steps - 1, scene.steps - 1),
    values: new Map(pairs(asked.values)),
    hidden: new Set(hidden.filter((step) => within(step, scene.steps - 1, -1) === step)),
    held: new Map(pairs(asked.held)),
    opened: Boolean(asked.opened),
    occluded: Boolean(asked.occluded),
    all: Boolean(asked.all),
  };
}

/**
 * Return a view as plain data, which `viewOf` takes.
 *
 * @param {View} view
 * @returns {Record<string, any>}
 */
export function asAsked(view) {
  return { ...view, values: [...view.values], hidden: [...view.hidden], held: [...view.held] };
}

/**
 * Say whether anything of the window or the weights was changed.
 *
 * @param {View} view
 * @returns {boolean}
 */
export function isChanged(view) {
  return view.values.size + view.hidden.size + view.held.size > 0;
}

/**
 * Put everything back that was changed.
 *
 * @param {View} view
 */
export function putBack(view) {
  view.values.clear();
  view.hidden.clear();
  view.held.clear();
}
