// @ts-check
/** The story on a page that was kept as a file: all of it stands in the page itself. */

import { putStory } from "./story.js";

/**
 * Put the story where the page has its place, from the element "scenes", JSON, and one element of
 * the class "run" for each run, its bytes in base64. A scene's address is its id after "#"; with
 * "?talk=1" before it the story is large enough for a hall.
 */
export function showKeptStory() {
  const place = document.getElementById("story");
  const told = document.getElementById("scenes")?.textContent;
  if (!place || !told) return;
  const { scenes, contents } = JSON.parse(told);
  const asked = () => decodeURIComponent(location.hash.slice(1));
  const enlarge = (/** @type {boolean} */ on) => document.body.classList.toggle("hall", on);
  const talk = new URLSearchParams(location.search).get("talk") === "1";
  enlarge(talk);
  const story = putStory(place, scenes, {
    at: asked(),
    talk,
    onTalk: enlarge,
    address: (id) => `#${id}`,
    onScene: (id) => history.pushState(null, "", `#${id}`),
  });
  /** @type {Record<string, Uint8Array>} */
  const runs = {};
  for (const run of document.querySelectorAll(".run")) {
    runs[run.id] = Uint8Array.from(atob(run.textContent ?? ""), (letter) => letter.charCodeAt(0));
  }
  story.give(contents, runs);
  addEventListener("hashchange", () => story.go(asked()));
}
