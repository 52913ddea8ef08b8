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
    const story = putStory(place, data.scenes, {
      at: data.at,
      talk: data.talk,
      address: (id) => `?scene=${id}${data.talk ? "&talk=1" : ""}`,
      onScene: (id) => setStateValue("scene", { id }),
      onOpen: (scene, view) => setTriggerValue("opened", { scene, view }),
    });
    const ended = new AbortController();
    addEventListener("popstate", turnBack(story, setStateValue), {
      capture: true,
      signal: ended.signal,
    });
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

/**
 * Return what turns to the scene that the browser's Back or Forward has put into the address.
 *
 * It is told before Streamlit, which runs the page anew on the way back: the page then knows of it.
 *
 * @param {import("./story.js").Story} story
 * @param {(name: string, value: any) => void} setStateValue
 * @returns {() => void}
 */
function turnBack(story, setStateValue) {
  const { pathname } = location;
  return () => {
    if (location.pathname !== pathname) return;
    const id = story.go(new URLSearchParams(location.search).get("scene") ?? "");
    setStateValue("scene", { id, back: true });
  };
}
