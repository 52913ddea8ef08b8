// What a page does after a move, and when, in seconds: it is put into the page before it loads.
// “shown” is the first frame with the result: the answer has the words that are waited for, and the
// stage the new networks. “drawn” is the first after the page's last change, also below the first
// screen; the page is done when no script runs and nothing has changed for half a second.
window.stopwatch = (() => {
  const QUIET = 0.5;
  const now = () => performance.now() / 1000;
  let at = {};
  let words = "";
  const first = (name) => {
    if (at.moved !== undefined) at[name] ??= now();
  };

  window.WebSocket = class extends WebSocket {
    constructor(...asked) {
      super(...asked);
      this.addEventListener("message", () => {
        if (!isThere() || running()) at.received = now();
      });
    }

    send(...sent) {
      first("sent");
      super.send(...sent);
    }
  };
  const app = () => document.querySelector("[data-testid=stApp]");
  const running = () => app()?.dataset.testScriptState !== "notRunning";
  // Its text content, as words that are laid out (innerText) would cost a layout with each message.
  const answer = () => document.querySelector(".st-key-answer")?.textContent ?? "";
  const isThere = () => answer().includes("Trained:") && answer().includes(words);

  // Any change but of the control itself is an answer to the move.
  const changes = new MutationObserver((records) => {
    const elsewhere = records.some(({ target }) => {
      const element = target instanceof Element ? target : target.parentElement;
      return !element?.closest("[data-testid=stSlider]");
    });
    if (!elsewhere) return;
    requestAnimationFrame(() => {
      first("feedback");
      at.drawn = now();
    });
  });
  // The stage stands in a shadow of its own.
  const stage = new MutationObserver(() => {
    if (at.shown === undefined && isThere()) requestAnimationFrame(() => first("shown"));
  });
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...asked) {
    const root = attachShadow.apply(this, asked);
    stage.observe(root, { subtree: true, childList: true, attributes: true });
    return root;
  };
  document.addEventListener("DOMContentLoaded", () => {
    changes.observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  });
  document.addEventListener(
    "keydown",
    () => {
      if (at.armed) at = { moved: now(), busy: 0 };
    },
    { capture: true },
  );
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) at.busy += duration / 1000;
  }).observe({ type: "longtask" });

  return {
    start(awaited) {
      at = { armed: true };
      words = awaited;
    },
    isDone: () => isThere() && !running() && now() - at.drawn > QUIET,
    read: () => at,
  };
})();
