// @ts-check
/** The stage on a page that was kept as a file: its bytes stand in the page itself. */

import { putStage } from "./stage.js";

/**
 * Put the stage where the page has its place, from the elements "run", the bytes in base64, and
 * "view", what to begin with as JSON. Without them nothing happens.
 */
export function showKept() {
  const place = document.getElementById("stage");
  const bytes = document.getElementById("run")?.textContent;
  if (!place || !bytes) return;
  const packed = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const view = JSON.parse(document.getElementById("view")?.textContent ?? "{}");
  putStage(place, packed, { view });
}
