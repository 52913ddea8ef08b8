// @ts-check
/** Which of several calls for one element of a Streamlit page may take away what stands in it. */

/** The last call for each element that holds a component. */
const lastCalls = new WeakMap();

/**
 * Return what takes a component away, which does nothing once there has been another call for the
 * same element: of two calls that come close together Streamlit has the first taken away last.
 *
 * @param {HTMLElement} parentElement
 * @param {() => void} takeAway
 * @returns {() => void}
 */
export function forLastCall(parentElement, takeAway) {
  const call = {};
  lastCalls.set(parentElement, call);
  return () => {
    if (lastCalls.get(parentElement) === call) takeAway();
  };
}
