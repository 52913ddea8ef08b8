// @ts-check
/** The stage: a trained network that can be turned in the hand. Everything is drawn here, by parts. */

import { changesOf } from "./changes.js";
import { drawControls, playEpochs } from "./controls.js";
import { focusAgain, focusedIn, make, put } from "./elements.js";
import { handles } from "./handles.js";
import { drawHeatmap } from "./heatmap.js";
import { layoutOf } from "./layout.js";
import { drawOpened } from "./opened.js";
import { drawOutcome, unscale } from "./outcome.js";
import { drawRows } from "./rows.js";
import { compute, hideInTurn, outline, sceneOf, shadow } from "./scene.js";
import { graphOf, unpack } from "./unpacking.js";
import { asAsked, viewOf } from "./view.js";
import { readable } from "./words.js";

/** How long nothing has to happen until the page and a screen reader are told, in milliseconds. */
const QUIET = 350;

/**
 * Put a stage into an element; it replaces what is there.
 *
 * @param {HTMLElement} place
 * @param {ArrayBuffer | Uint8Array} packed
 * @param {object} options
 * @param {Record<string, any>} [options.view] what to begin with; see `viewOf`
 * @param {(view: Record<string, any>) => void} [options.onSettled] told the view after each change
 * @param {boolean} [options.fetches] whether who is told a start whose weights are not here sends
 *   another stage with them
 * @param {boolean} [options.inside] whether it is opened up for good
 * @param {boolean} [options.play] whether to play the epochs once
 * @returns {{view: import("./view.js").View, scene: import("./scene.js").Scene, stamp: string,
 *   changed: () => void, moveTo: (asked: Record<string, any>) => void, remove: () => void}} changed
 *   is to be called after the view, or the bytes, have changed; moveTo shows another view
 */
export function putStage(
  place,
  packed,
  { view: asked = {}, onSettled = () => {}, fetches = false, play = false, inside = false },
) {
  const scene = sceneOf(unpack(packed), graphOf);
  const view = viewOf(scene, asked);
  if (inside) view.opened = true;
  place.replaceChildren();
  const root = make("section", { class: "stage", role: "group", "aria-label": "Stage" }, place);
  const { colours } = scene.words;
  for (const name of ["plain", "attention", "series", "truth"])
    root.style.setProperty(`--${name}`, colours[name]);
  const drawing = make("div", { class: "drawing" }, root);
  const live = make("p", { class: "unseen", role: "status", "aria-live": "polite" });
  const prediction = make("output", {
    class: "unseen",
    "aria-label": "Prediction",
    "aria-live": "off", // what has changed is said once, when nothing moves any more
  });
  let waiting = 0;
  let quiet = 0;
  let told = JSON.stringify(asAsked(view));
  let stop = () => {};
  let draw = () => {};

  /** @type {import("./controls.js").Stage} */
  const stage = {
    scene,
    view,
    playing: false,
    inside,
    changed(rebuild = false) {
      if (rebuild) build();
      if (waiting) return;
      waiting = requestAnimationFrame(() => {
        waiting = 0;
        draw();
      });
    },
    settled() {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        const now = JSON.stringify(asAsked(view));
        if (now === told) return;
        const changes = changesOf(scene, JSON.parse(told), asAsked(view));
        told = now;
        onSettled(asAsked(view));
        put(live, { text: `${changes} Prediction ${prediction.textContent}.` });
      }, QUIET);
    },
    fetch: fetches ? (start) => onSettled({ ...asAsked(view), start }) : null,
    play() {
      stage.playing = true;
      stop = playEpochs(stage);
      stage.changed();
    },
    pause() {
      stop();
      if (stage.playing) stage.settled();
      stage.playing = false;
      stage.changed();
    },
  };

  const show = drawControls(make("div", { class: "controls" }, root), stage);
  root.append(prediction, live);

  function build() {
    const focused = focusedIn(drawing);
    const layout = layoutOf(scene, drawing.clientWidth || 900, view.occluded);
    drawing.replaceChildren();
    drawing.classList.toggle("wide", layout.wide);
    const main = make("div", { class: "main" }, drawing);
    const rest = make("div", { class: "all" }, drawing);
    rest.style.width = layout.wide ? `${layout.mapWidth}px` : "";
    const picture = make("div", { class: "window" }, main);
    const svg = make("svg:svg", {
      width: layout.width,
      height: layout.height,
      viewBox: `0 0 ${layout.width} ${layout.height}`,
    });
    const rows = drawRows(picture, svg, scene, layout);
    const outcome = drawOutcome(picture, svg, scene, layout);
    picture.append(svg);
    const map = drawHeatmap(rest, stage, layout, (window) => {
      if (view.window === window) return;
      view.window = window;
      view.values.clear();
      view.hidden.clear();
      view.held.clear();
      stage.changed();
      stage.settled();
    });
    const speak = handles(rows.steps, stage, layout);
    const open = view.opened
      ? drawOpened(make("div", { class: "opened" }, drawing), scene)
      : () => {};
    focusAgain(drawing, focused);
    const updates = [rows.update, outcome, speak, show, open];
    draw = () => {
      const begun = performance.now();
      const before = shadow(scene, view);
      const effects = view.occluded ? hideInTurn(scene, view) : null;
      const pinned = outline(scene, view);
      const drawn = { picture: compute(scene, view), before, pinned, effects, view };
      for (const update of updates) update(drawn);
      map();
      put(prediction, {
        text: readable(unscale(scene, drawn.picture.prediction)),
        "data-scaled": drawn.picture.prediction,
      });
      root.dataset.work = String(performance.now() - begun);
    };
  }

  const resized = new ResizeObserver(() => {
    const width = String(drawing.clientWidth);
    if (drawing.dataset.width === width) return;
    drawing.dataset.width = width;
    build();
    draw();
  });
  resized.observe(drawing);
  drawing.dataset.width = String(drawing.clientWidth);
  build();
  draw();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (play && !still && asked.epoch === undefined) {
    view.epoch = 0;
    stage.play();
  }
  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {Element} */ (event.composedPath()[0]);
    if (event.key !== " " || /^(BUTTON|SELECT)$/.test(target.tagName)) return;
    if (target instanceof HTMLInputElement && target.type !== "range") return;
    event.preventDefault();
    if (stage.playing) stage.pause();
    else stage.play();
  });
  return {
    view,
    scene,
    stamp: scene.stamp,
    moveTo(next) {
      stage.pause();
      const { opened, occluded, all } = view;
      Object.assign(view, viewOf(scene, next));
      if (inside) view.opened = true;
      told = JSON.stringify(asAsked(view)); // who asked for it need not be told
      stage.changed(view.opened !== opened || view.occluded !== occluded || view.all !== all);
    },
    changed: () => stage.changed(),
    remove() {
      resized.disconnect();
      cancelAnimationFrame(waiting);
      clearTimeout(quiet);
      stop();
    },
  };
}
