// @ts-check
/** The map of a story's scenes, and the keys that move through them. */

import { make, put } from "./elements.js";

/** What keeps its arrows while it has the focus: it means something by them. */
const OWN_ARROWS =
  "input, select, textarea, [contenteditable=true], [role=slider], [role=tab], [role=radio], " +
  "[role=option], [role=menuitem]";
/** What is written in; it keeps every key. */
const WRITTEN_IN = "input:not([type=range]), textarea, [contenteditable=true]";

/** By how many scenes a key moves. */
const KEYS = new Map([
  ["ArrowRight", 1],
  ["PageDown", 1],
  ["ArrowLeft", -1],
  ["PageUp", -1],
]);

/**
 * Draw the map once; return the function that shows where one is.
 *
 * @param {HTMLElement} place
 * @param {import("./story.js").Told[]} scenes
 * @param {(id: string) => string} address
 * @param {(index: number) => void} turnTo
 * @returns {(current: number) => void}
 */
export function drawMap(place, scenes, address, turnTo) {
  const nav = make("nav", { "aria-label": "Scenes" }, place);
  const back = make("button", { type: "button", text: "‹ Back" }, nav);
  const list = make("ol", { class: "map" }, nav);
  const all = make("details", {}, nav);
  const next = make("button", { type: "button", class: "next", text: "Next ›" }, nav);
  const where = make("summary", {}, all);
  const titles = make("ol", { class: "titles" }, all);
  let at = 0;
  const links = scenes.flatMap((scene, index) => {
    const named = `${index + 1}. ${scene.title}`;
    const short = make("a", { text: index + 1, title: named, "aria-label": named }, item(list));
    const long = make("a", { text: named }, item(titles));
    return [short, long].map((link) => {
      put(link, { href: address(scene.id) });
      link.onclick = (/** @type {MouseEvent} */ event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        all.open = false;
        turnTo(index);
      };
      return { link, index };
    });
  });
  back.onclick = () => turnTo(at - 1);
  next.onclick = () => turnTo(at + 1);
  return (current) => {
    at = current;
    put(where, { text: `Scene ${current + 1} of ${scenes.length}` });
    put(back, { disabled: current === 0 });
    put(next, { disabled: current === scenes.length - 1 });
    for (const { link, index } of links) {
      put(link, { "aria-current": index === current ? "step" : null });
    }
  };
}

/**
 * @param {HTMLElement} list
 * @returns {HTMLElement}
 */
function item(list) {
  return make("li", {}, list);
}

/**
 * Let the arrows and a presenter's remote (page up, page down) move, wherever the focus is. What
 * means something by its arrows keeps them until Escape.
 *
 * @param {(by: number) => void} move
 * @param {Window} where the window whose keys are meant
 * @returns {() => void} lets the keys go
 */
export function storyKeys(move, where = window) {
  const ended = new AbortController();
  where.addEventListener(
    "keydown",
    (event) => {
      const key = /** @type {KeyboardEvent} */ (event);
      const target = /** @type {any} */ (key.composedPath()[0]);
      const isIn = (/** @type {string} */ kinds) => Boolean(target.matches?.(kinds));
      if (key.altKey || key.ctrlKey || key.metaKey || key.shiftKey) return;
      if (key.key === "Escape" && isIn(OWN_ARROWS)) target.blur();
      const by = KEYS.get(key.key);
      if (!by || isIn(WRITTEN_IN) || (key.key.startsWith("Arrow") && isIn(OWN_ARROWS))) return;
      key.preventDefault();
      key.stopImmediatePropagation();
      move(by);
    },
    { capture: true, signal: ended.signal },
  );
  return () => ended.abort();
}
