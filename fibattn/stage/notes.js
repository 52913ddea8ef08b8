// @ts-check
/**
 * The speaker's notes in a window of their own: a clock, this scene and the next.
 *
 * The window is empty and holds no script: the story draws into it by its handle, and listens to
 * its keys and buttons. So both are in step without any message, on a server's page and in a file,
 * where windows share no channel.
 */

import { make, put } from "./elements.js";
import { storyKeys } from "./story_map.js";

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 20px/1.45 system-ui, sans-serif; margin: 0; padding: 16px 24px; max-width: 60em; }
  header { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; }
  .clock { font-size: 40px; font-variant-numeric: tabular-nums; font-weight: 600; }
  .since { font-size: 28px; font-variant-numeric: tabular-nums; }
  button { font: inherit; padding: 4px 12px; }
  h1 { font-size: 26px; margin: 16px 0 6px; }
  h2 { font-size: 20px; margin: 24px 0 4px; }
  .look { border-left: 4px solid; padding-left: 10px; }
  section + section { opacity: 0.85; border-top: 1px solid; margin-top: 20px; }
`;

/** The one window there is, also after the story has been left and come back to. */
let open = /** @type {Window | null} */ (null);

/**
 * @param {import("./story.js").Told[]} scenes
 * @param {(index: number) => void} turnTo
 * @returns {{open: (index: number) => void, show: (index: number) => void, leave: () => void}}
 */
export function notesWindow(scenes, turnTo) {
  let current = 0;
  let letGo = () => {};
  /** @type {((index: number) => void) | null} */
  let draw = null;

  /** @param {Window} notes */
  function take(notes) {
    letGo();
    draw = drawNotes(notes.document, scenes, (by) => turnTo(current + by));
    letGo = storyKeys((by) => turnTo(current + by), notes);
    draw(current);
  }
  const left = () => {
    if (!open || open.closed) return;
    make(
      "p",
      { role: "alert", text: "The story was left. Go back to it: the notes follow." },
      open.document.body,
    );
  };
  addEventListener("pagehide", left);
  return {
    open(index) {
      current = index;
      open = window.open("", "fibattn_notes", "width=760,height=640");
      if (!open) return;
      take(open);
      open.focus();
    },
    show(index) {
      current = index;
      if (!open || open.closed) return;
      if (draw) draw(index);
      else take(open);
    },
    leave() {
      removeEventListener("pagehide", left);
      left();
      letGo();
      draw = null;
    },
  };
}

/**
 * Draw the notes into an empty document; return the function that shows a scene's.
 *
 * @param {Document} page
 * @param {import("./story.js").Told[]} scenes
 * @param {(by: number) => void} move
 * @returns {(index: number) => void}
 */
function drawNotes(page, scenes, move) {
  page.title = "Speaker notes";
  page.documentElement.lang = "en";
  page.head.replaceChildren();
  page.body.replaceChildren();
  make("style", { text: STYLE }, page.head);
  const head = make("header", {}, page.body);
  clock(head, /** @type {Window} */ (page.defaultView));
  const back = make("button", { type: "button", text: "‹ Back" }, head);
  const next = make("button", { type: "button", text: "Next ›" }, head);
  back.onclick = () => move(-1);
  next.onclick = () => move(1);
  const main = make("main", {}, page.body);
  return (index) => {
    main.replaceChildren();
    const now = make("section", {}, main);
    const scene = scenes[index];
    make("h1", { text: `${index + 1} of ${scenes.length}. ${scene.title}` }, now);
    make("p", { text: scene.notes }, now);
    make("p", { class: "look", text: scene.look }, now);
    const after = make("section", {}, main);
    const coming = scenes[index + 1];
    make("h2", { text: coming ? `Next: ${coming.title}` : "This is the last scene." }, after);
    if (coming) make("p", { text: coming.notes }, after);
    put(back, { disabled: index === 0 });
    put(next, { disabled: !coming });
  };
}

/**
 * Draw what time it is, and how long the talk has taken.
 *
 * @param {HTMLElement} head
 * @param {Window} notes
 */
function clock(head, notes) {
  const time = make("span", { class: "clock" }, head);
  const since = make("span", { class: "since" }, head);
  const again = make("button", { type: "button", text: "From 00:00" }, head);
  let begun = Date.now();
  const tick = () => {
    const seconds = Math.floor((Date.now() - begun) / 1000);
    const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
    put(time, { text: new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) });
    put(since, { text: `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}` });
  };
  again.onclick = () => {
    begun = Date.now();
    tick();
  };
  tick();
  notes.setInterval(tick, 1000);
}
