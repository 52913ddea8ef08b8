// @ts-check
/** The controls under the stage: epoch, start, window, and what is done to the chosen step. */

import { make, put } from "./elements.js";
import { isChanged, putBack } from "./view.js";
import { readable, stepName } from "./words.js";

/** How long playing all epochs takes, in milliseconds. */
const PLAYING = 1500;

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./scene.js").Scene} Scene */

/**
 * What the controls may do to the stage.
 *
 * @typedef {object} Stage
 * @property {Scene} scene
 * @property {View} view
 * @property {(rebuild?: boolean) => void} changed draw the view as it is now
 * @property {() => void} settled a change is over: it may be told to the page
 * @property {((start: number) => void) | null} fetch has the weights of a start sent that are not
 *   here; null where nobody can
 * @property {() => void} play
 * @property {() => void} pause
 * @property {boolean} playing
 * @property {boolean} inside whether it is opened up for good
 */

/**
 * Draw the controls once; return the function that shows a view on them.
 *
 * @param {HTMLElement} place
 * @param {Stage} stage
 * @returns {(drawn: import("./rows.js").Drawn) => void}
 */
export function drawControls(place, stage) {
  const first = make("div", { class: "bar" }, place);
  const second = make("div", { class: "bar" }, place);
  /** @type {((drawn: import("./rows.js").Drawn) => void)[]} */
  const updates = [
    playing(first, stage),
    slider(
      first,
      stage,
      "Epoch",
      stage.scene.epochs,
      () => stage.view.epoch,
      (epoch) => {
        stage.pause();
        stage.view.epoch = epoch;
      },
      0,
    ),
    starts(first, stage),
    windows(first, stage),
  ];
  if (stage.scene.horizon > 1) {
    updates.push(
      slider(
        first,
        stage,
        "Step ahead",
        stage.scene.horizon - 1,
        () => stage.view.ahead,
        (ahead) => {
          stage.view.ahead = ahead;
        },
        1,
      ),
    );
  }
  updates.push(chosenStep(second, stage), buttons(second, stage));
  return (drawn) => {
    for (const update of updates) update(drawn);
  };
}

/**
 * @param {HTMLElement} place
 * @param {Stage} stage
 */
function playing(place, stage) {
  const button = make("button", { type: "button", class: "play", "aria-label": "Play" }, place);
  const sign = make("span", { "aria-hidden": true }, button);
  button.onclick = () => (stage.playing ? stage.pause() : stage.play());
  return () => {
    put(button, { "aria-label": stage.playing ? "Pause" : "Play" });
    put(sign, { class: stage.playing ? "two" : "triangle" });
  };
}

/**
 * Draw a slider over whole numbers.
 *
 * @param {HTMLElement} place
 * @param {Stage} stage
 * @param {string} name
 * @param {number} most
 * @param {() => number} read
 * @param {(value: number) => void} write
 * @param {number} shift what is added to the number that is shown
 * @returns {() => void}
 */
function slider(place, stage, name, most, read, write, shift) {
  const label = make("label", { class: "control" }, place);
  make("span", { class: "name", text: name.toLowerCase() }, label);
  const input = make(
    "input",
    { type: "range", min: 0, max: most, step: 1, "aria-label": name },
    label,
  );
  const said = make("span", { class: "number" }, label);
  said.style.minWidth = `${`${most + shift} of ${most + shift}`.length}ch`;
  input.oninput = () => {
    write(Number(input.value));
    stage.changed();
  };
  input.onchange = () => stage.settled();
  return () => {
    const value = read();
    input.value = String(value);
    const text = `${value + shift} of ${most + shift}`;
    put(said, { text });
    put(input, { "aria-valuetext": text });
  };
}

/**
 * Draw the slider over the windows, counted by the size of their targets.
 *
 * @param {HTMLElement} place
 * @param {Stage} stage
 */
function windows(place, stage) {
  const { order, windows: count } = stage.scene;
  const ranks = new Int32Array(count);
  for (let rank = 0; rank < count; rank++) ranks[order[rank]] = rank;
  return slider(
    place,
    stage,
    "Window",
    count - 1,
    () => ranks[stage.view.window],
    (rank) => {
      stage.view.window = order[rank];
      putBack(stage.view);
    },
    1,
  );
}

/**
 * Draw a dot for each start, fuller where its error is lower.
 *
 * @param {HTMLElement} place
 * @param {Stage} stage
 */
function starts(place, stage) {
  const { scene, view } = stage;
  const all = stage.fetch
    ? Array.from({ length: scene.repeats }, (_, start) => start)
    : scene.starts;
  const box = make("div", { class: "control" }, place);
  make("span", { class: "name", text: "start" }, box);
  const row = make(
    "span",
    {
      class: "starts",
      role: "slider",
      tabindex: 0,
      "aria-label": "Start",
      "aria-valuemin": 1,
      "aria-valuemax": all.length,
    },
    box,
  );
  const dots = all.map((start) => {
    const dot = make("span", { class: "start" }, row);
    dot.onclick = () => choose(start);
    return dot;
  });
  /** @param {number} start */
  function choose(start) {
    if (!scene.starts.includes(start)) {
      stage.fetch?.(start);
      return;
    }
    view.start = start;
    stage.changed();
    stage.settled();
  }
  row.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const place = all.indexOf(view.start);
    const last = all.length - 1;
    const to = {
      ArrowLeft: place - 1,
      ArrowDown: place - 1,
      ArrowRight: place + 1,
      ArrowUp: place + 1,
      Home: 0,
      End: last,
      PageDown: 0,
      PageUp: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(all[Math.max(0, Math.min(last, to))]);
  });
  return () => {
    const errors = all.map((start) => scene.error("attention", start, view.epoch));
    const logs = errors.map(Math.log).filter(Number.isFinite);
    const [low, high] = [Math.min(...logs), Math.max(...logs)];
    dots.forEach((dot, k) => {
      const share = high > low ? (high - Math.log(errors[k])) / (high - low) : 1;
      const full = 35 + 65 * (Number.isFinite(share) ? share : 0);
      dot.style.setProperty("--full", `${full}%`);
      dot.classList.toggle("chosen", all[k] === view.start);
      put(dot, {
        title: Number.isNaN(errors[k])
          ? `start ${k + 1}, ${view.epoch ? "diverged" : "not trained yet"}`
          : `start ${k + 1}: test error ${readable(errors[k])}`,
      });
    });
    const place = all.indexOf(view.start);
    const error = errors[place];
    const text = Number.isNaN(error) ? "" : `, test error ${readable(error)}`;
    put(row, {
      "aria-valuenow": place + 1,
      "aria-valuetext": `${place + 1} of ${all.length}${text}`,
    });
  };
}

/**
 * Draw what can be done to the chosen step: its value typed, the step hidden, its weight held.
 *
 * @param {HTMLElement} place
 * @param {Stage} stage
 */
function chosenStep(place, stage) {
  const { scene, view } = stage;
  const name = make("span", { class: "stepname" }, place);
  const typed = make(
    "input",
    { type: "number", step: "any", class: "typed", "aria-label": "Value of the chosen step" },
    place,
  );
  const hide = make("button", { type: "button", text: "Hide it" }, place);
  const weight = make("select", { "aria-label": "Weight of the chosen step" }, place);
  for (const [value, text] of [
    ["", "weight as computed"],
    ["0", "weight 0"],
    ["1/T", "weight 1/T"],
  ])
    make("option", { value, text }, weight);
  [typed.min, typed.max] = scene.range.map(String);
  typed.onchange = () => {
    const value = Number(typed.value);
    if (typed.value === "" || !Number.isFinite(value)) return stage.changed();
    view.hidden.delete(view.step);
    setValue(stage, view.step, value);
    typed.value = String(view.values.get(view.step)); // within the range there is
    stage.settled();
  };
  hide.onclick = () => {
    if (!view.hidden.delete(view.step)) view.hidden.add(view.step);
    stage.changed();
    stage.settled();
  };
  weight.onchange = () => {
    if (weight.value === "") view.held.delete(view.step);
    else view.held.set(view.step, weight.value === "0" ? 0 : 1 / scene.steps);
    stage.changed();
    stage.settled();
  };
  return (/** @type {import("./rows.js").Drawn} */ { picture }) => {
    put(name, { text: stepName(scene.steps, view.step) });
    const root = /** @type {ShadowRoot | Document} */ (typed.getRootNode());
    if (root.activeElement !== typed)
      typed.value = String(Number(picture.x[view.step * scene.features].toFixed(4)));
    put(hide, { "aria-pressed": String(view.hidden.has(view.step)) });
    const held = view.held.get(view.step);
    weight.value = held === undefined ? "" : held === 0 ? "0" : "1/T";
  };
}

/**
 * Change the value of a step, within the range there is, to four digits: the address has room for
 * so many of every step.
 *
 * @param {Stage} stage
 * @param {number} step
 * @param {number} value scaled
 */
export function setValue(stage, step, value) {
  const [low, high] = stage.scene.range;
  stage.view.hidden.delete(step);
  stage.view.values.set(step, Math.min(high, Math.max(low, Number(value.toPrecision(4)))));
  stage.changed();
}

/**
 * @param {HTMLElement} place
 * @param {Stage} stage
 */
function buttons(place, stage) {
  const { view } = stage;
  make("span", { class: "space" }, place);
  const back = make("button", { type: "button", text: "Put back" }, place);
  const hide = make("button", { type: "button", text: "Hide each step in turn" }, place);
  const open = make("button", { type: "button", class: "open", hidden: stage.inside }, place);
  back.onclick = () => {
    putBack(view);
    stage.changed();
    stage.settled();
  };
  hide.onclick = () => {
    view.occluded = !view.occluded;
    stage.changed(true);
    stage.settled();
  };
  open.onclick = () => {
    view.opened = !view.opened;
    stage.changed(true);
    stage.settled();
  };
  return () => {
    put(back, { "aria-disabled": String(!isChanged(view)) }); // so it keeps the focus
    put(hide, { "aria-pressed": String(view.occluded) });
    put(open, { "aria-expanded": String(view.opened), text: view.opened ? "Close" : "Open up" });
  };
}

/**
 * Play the epochs from the first to the last.
 *
 * @param {Stage} stage
 * @returns {() => void} stops it
 */
export function playEpochs(stage) {
  const { scene, view } = stage;
  if (view.epoch >= scene.epochs) view.epoch = 0;
  const from = view.epoch;
  const begun = performance.now();
  const duration = (PLAYING * (scene.epochs - from)) / Math.max(1, scene.epochs);
  let frame = 0;
  const tick = (/** @type {number} */ now) => {
    const share = Math.max(0, Math.min(1, (now - begun) / Math.max(1, duration)));
    view.epoch = Math.round(from + share * (scene.epochs - from));
    if (share === 1) stage.pause();
    else frame = requestAnimationFrame(tick);
    stage.changed();
  };
  frame = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(frame);
}
