// @ts-check
/** The story as a component of a Streamlit page. */

import { bytesOf, keepKeys } from "./component.js";
import { forLastCall } from "./last_call.js";
import { putStory } from "./story.js";

/** What stands in each element that holds a story. */
const stories = new WeakMap();

/**
 * Draw the story, or take up what has become ready. Streamlit calls this on new data.
 *
 * @param {any} component
 * @returns {() => void} takes it away
 */
export default function mountStory({ data, parentElement, setStateValue, setTriggerValue }) {
  const place = parentElement.querySelector(".fibattn-story");
  let held = stories.get(parentElement);
  if (!held) {
    // Whoever went back before this was drawn has another scene in the address than the server knew.
    const at = sceneInAddress() || data.at;
    const story = putStory(place, data.scenes, {
      at,
      talk: data.talk,
      address,
      onScene: (id) => goTo(address(id), "pushState"),
      onOpen: (scene, view) => setTriggerValue("opened", { scene, view }),
    });
    const ended = new AbortController();
    const { pathname } = location;
    const turnBack = () => location.pathname === pathname && story.go(sceneInAddress());
    addEventListener("popstate", turnBack, { signal: ended.signal });
    if (!sceneInAddress()) goTo(address(at), "replaceState");
    const letGo = keepKeys(place);
    held = {
      story,
      letGo() {
        letGo();
        ended.abort();
      },
    };
    stories.set(parentElement, held);
  }
  const { story } = held;
  story.give(data.contents, data.name ? { [data.name]: bytesOf(data.run).slice() } : {});
  story.wait(data.waiting);
  const has = story.has();
  if (JSON.stringify(has) !== JSON.stringify(data.had)) setStateValue("has", has);
  return forLastCall(parentElement, () => {
    story.remove();
    held.letGo();
    stories.delete(parentElement);
  });
}

/** @returns {string} the id of the scene in the address, "" if there is none */
function sceneInAddress() {
  return new URLSearchParams(location.search).get("scene") ?? "";
}

/**
 * Return the address of a scene, with all else that is asked for in the page's own.
 *
 * @param {string} id
 * @returns {string}
 */
function address(id) {
  const asked = new URLSearchParams(location.search);
  asked.set("scene", id);
  return `?${asked}`;
}

/**
 * Change the page's address, and let Streamlit know as by Back and Forward: it runs the page anew.
 *
 * @param {string} to
 * @param {"pushState" | "replaceState"} how
 */
function goTo(to, how) {
  history[how]({}, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}
