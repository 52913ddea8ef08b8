// @ts-check
/** The story: scenes that are told one after the other, each with its words and one picture. */

import { make, put } from "./elements.js";
import { actOut, changesIn } from "./moves.js";
import { notesWindow } from "./notes.js";
import { putStage } from "./stage.js";
import { drawMap, storyKeys } from "./story_map.js";
import { asAsked } from "./view.js";

/**
 * @typedef {object} Told a scene's words
 * @property {string} id
 * @property {string} title
 * @property {string} text
 * @property {string} look
 * @property {string} shown both as HTML, in which the field's words are explained
 * @property {string} notes "" where the story is given away without them
 *
 * @typedef {object} Content a scene's picture: a drawing, or a run with what is done on the stage
 * @property {string} [svg]
 * @property {string} [run]
 * @property {Record<string, any>} [view]
 *
 * @typedef {object} Story
 * @property {(contents: Record<string, Content>, runs: Record<string, Uint8Array>) => void} give
 *   pictures that have become ready
 * @property {(id: string) => void} go shows a scene, the first if there is none
 * @property {(sentence: string) => void} wait says what a picture is waited for
 * @property {() => string[]} has the scenes whose pictures are here
 * @property {() => void} remove
 */

/**
 * Put a story into an element; it replaces what is there.
 *
 * @param {HTMLElement} place
 * @param {Told[]} scenes
 * @param {object} options
 * @param {string} [options.at] the scene to begin with
 * @param {boolean} [options.talk] whether it is shown to a hall, larger than it is laid out
 * @param {(on: boolean) => void} [options.onTalk] told when it is made larger or smaller for a hall;
 *   without it there is no such button
 * @param {(id: string) => string} options.address where a link to a scene leads
 * @param {(id: string) => void} [options.onScene] told each scene that is turned to
 * @param {(id: string, view: Record<string, any> | null) => void} [options.onOpen] asked to open a
 *   scene in the playground, with what stands on the stage; without it there is no such button
 * @returns {Story}
 */
export function putStory(
  place,
  scenes,
  { at = "", talk = false, onTalk, address, onScene = () => {}, onOpen },
) {
  /** @type {Record<string, Content>} */
  const contents = {};
  /** @type {Record<string, Uint8Array>} */
  const runs = {};
  let current = indexOf(at);
  let drawn = "";
  let stop = () => {};
  /** @type {{run: string, stage: ReturnType<typeof putStage>} | null} */
  let held = null;

  place.replaceChildren();
  const root = make("section", { class: "story", role: "group", "aria-label": "Story" }, place);
  root.classList.toggle("talk", talk);
  const map = drawMap(root, scenes, address, turnTo);
  const words = make("div", { class: "words" }, root);
  const title = make("h2", { tabindex: -1 }, words);
  const shown = make("div", { class: "shown" }, words);
  const tools = make("p", { class: "tools" }, words);
  const picture = make("div", { class: "picture" }, root);
  const moved = make("p", { class: "moved" }, root);
  const end = make("p", { class: "end" }, root);
  const said = make("p", { class: "unseen", role: "status", "aria-live": "polite" }, root);
  const notes = notesWindow(scenes, turnTo);
  if (scenes.some((each) => each.notes)) {
    const button = make("button", { type: "button", text: "Speaker notes" }, tools);
    button.onclick = () => notes.open(current);
  }
  if (onOpen) {
    const button = make("button", { type: "button", text: "Open in the playground" }, tools);
    button.onclick = () => onOpen(scenes[current].id, held && asAsked(held.stage.view));
  }
  if (onTalk) {
    const pressed = () => String(root.classList.contains("talk"));
    const button = make("button", { type: "button", text: "For a hall" }, tools);
    put(button, { "aria-pressed": pressed() });
    button.onclick = () => {
      onTalk(root.classList.toggle("talk"));
      put(button, { "aria-pressed": pressed() });
    };
  }
  const next = make("button", { type: "button" }, end);
  next.onclick = () => {
    turnTo(current + 1);
    root.scrollIntoView();
  };
  const letGo = storyKeys((by) => turnTo(current + by));

  /** @param {string} id */
  function indexOf(id) {
    return Math.max(
      0,
      scenes.findIndex((each) => each.id === id),
    );
  }

  /** @param {number} index */
  function turnTo(index) {
    const to = Math.max(0, Math.min(scenes.length - 1, index));
    if (to === current) return;
    show(to);
    onScene(scenes[to].id);
  }

  /** @param {number} index */
  function show(index) {
    current = index;
    const scene = scenes[index];
    put(title, { text: scene.title });
    shown.innerHTML = scene.shown; // our own words, escaped
    put(said, { text: `Scene ${index + 1} of ${scenes.length}: ${scene.title}. ${scene.text}` });
    put(next, { text: `Next: ${scenes[index + 1]?.title ?? ""}`, hidden: !scenes[index + 1] });
    map(index);
    notes.show(index);
    drawPicture();
  }

  function drawPicture() {
    const { id } = scenes[current];
    stop();
    put(moved, { text: "" });
    picture.classList.remove("acting");
    drawn = isHere(id) ? id : "";
    const content = contents[id];
    if (!drawn) sayWaiting("");
    else if (content.svg) {
      letStageGo();
      picture.innerHTML = content.svg;
    } else drawStage(content);
  }

  /** @param {Content} content */
  function drawStage({ run = "", view = {} }) {
    const { base, acts } = changesIn(view);
    const plays = held?.run !== run && !acts && view.epoch === undefined;
    if (held?.run === run) held.stage.moveTo(base);
    else {
      letStageGo();
      picture.replaceChildren();
      held = { run, stage: putStage(picture, runs[run], { view: base, play: plays }) };
    }
    const { stage } = held;
    if (plays) tell(`The epochs are played, from 0 to ${stage.scene.epochs}.`);
    else if (acts) stop = actOut(stage, view, tell);
    else if (view.epoch !== undefined) tell(`The stage is set to epoch ${view.epoch}.`);
  }

  /** @param {string} sentence what has been done to the picture */
  function tell(sentence) {
    put(moved, { text: sentence });
    put(said, { text: `${said.textContent} ${sentence}` });
    picture.classList.add("acting");
  }

  function letStageGo() {
    held?.stage.remove();
    held = null;
  }

  /** @param {string} sentence */
  function sayWaiting(sentence) {
    letStageGo();
    const words = sentence || "The picture will stand here in a moment.";
    const there = picture.querySelector(".waiting");
    if (there) put(there, { text: words });
    else {
      picture.replaceChildren();
      make("p", { class: "waiting", text: words }, picture);
    }
  }

  /** @param {string} id */
  function isHere(id) {
    const content = contents[id];
    return Boolean(content && (content.svg || (content.run && runs[content.run])));
  }

  show(current);
  return {
    give(more, bytes) {
      Object.assign(contents, more);
      Object.assign(runs, bytes);
      if (!drawn && isHere(scenes[current].id)) drawPicture();
    },
    go(id) {
      if (indexOf(id) !== current) show(indexOf(id));
    },
    wait(sentence) {
      if (!drawn) sayWaiting(sentence);
    },
    has: () => scenes.map((each) => each.id).filter(isHere),
    remove() {
      stop();
      letGo();
      letStageGo();
      notes.leave();
    },
  };
}
