// @ts-check
/** The stage as a component of a Streamlit page. */

import { focusAgain, focusedIn } from "./elements.js";
import { forLastCall } from "./last_call.js";
import { putStage } from "./stage.js";

/** What stands in each element that holds a stage. */
const mounted = new WeakMap();

/** These keys mean something to Streamlit; on the stage they mean nothing. */
const STREAMLITS = ["r", "R", "c", "C"];

/**
 * Draw the stage, or take up what is new. Streamlit calls this on new data and on a new theme.
 *
 * @param {any} component
 * @returns {() => void} takes it away
 */
export default function mount({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector(".fibattn-stage");
  const was = mounted.get(parentElement);
  const sent = bytesOf(data.run);
  const asked = JSON.stringify(data.view);
  const same = was?.run === data.stamp && was.asked === asked;
  // What was said to stand here is not sent again.
  const packed = sent.length || was?.run !== data.stamp ? sent : was.packed;
  // The next epoch waits as long as somebody has a hand on the stage.
  const held = was && data.training && place.matches(":focus-within, :active");
  if (!packed.length) {
    setStateValue("lost", `${data.stamp} ${Date.now()}`);
  } else if (!same && !held) {
    const focused = focusedIn(place);
    was?.stage.remove();
    place.setAttribute("aria-busy", String(data.training));
    const stage = putStage(place, packed, {
      view: data.view,
      inside: data.inside,
      play:
        !data.training &&
        !data.inside &&
        (was?.training || (was?.pair !== data.pair && data.view.new)),
      onSettled: (view) => setStateValue("view", { ...view, run: data.stamp }),
      fetches: !data.training,
    });
    focusAgain(place, focused);
    const letGo = was?.letGo ?? keepKeys(place);
    const { stamp: run, pair, training } = data;
    mounted.set(parentElement, { stage, packed, asked, run, pair, training, letGo });
  }
  return forLastCall(parentElement, () => {
    mounted.get(parentElement)?.stage.remove();
    mounted.get(parentElement)?.letGo();
    mounted.delete(parentElement);
  });
}

/**
 * @param {any} table an Arrow table with the bytes as its one column
 * @returns {Uint8Array}
 */
export function bytesOf(table) {
  return table.getChild("bytes").toArray();
}

/**
 * Keep Streamlit's own keys from doing what they do while the stage has the focus.
 *
 * @param {HTMLElement} place
 * @returns {() => void} lets them do it again
 */
export function keepKeys(place) {
  const ended = new AbortController();
  for (const kind of ["keydown", "keyup", "keypress"]) {
    window.addEventListener(
      kind,
      (event) => {
        const key = /** @type {KeyboardEvent} */ (event);
        if (key.composedPath().includes(place) && STREAMLITS.includes(key.key))
          event.stopImmediatePropagation();
      },
      { capture: true, signal: ended.signal },
    );
  }
  return () => ended.abort();
}
