// @ts-check
/** “Copy link”: a button of the page that copies its address, as a component of Streamlit. */

/** How long it says that it has copied, in milliseconds. */
const SAID = 2500;

/**
 * Give the button its click. Streamlit calls this on new data and on a new theme.
 *
 * @param {any} component whose data hold what the button says: `label`, `copied` and `refused`
 */
export default function mount({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const heard = parentElement.querySelector("[role=status]");
  let later = 0;
  button.onclick = async () => {
    // The address is the whole state: the stage writes itself into it too.
    const done = await copied(location.href);
    button.textContent = heard.textContent = done ? data.copied : data.refused;
    clearTimeout(later);
    later = setTimeout(() => {
      button.textContent = data.label;
      heard.textContent = "";
    }, SAID);
  };
}

/**
 * Copy a text.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether it is in the clipboard
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelecting(text);
  }
}

/**
 * Copy a text as one does by hand: without https a page is not given the clipboard.
 *
 * @param {string} text
 * @returns {boolean}
 */
function copiedBySelecting(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement("textarea");
  field.value = text;
  field.style.cssText = "position:fixed;opacity:0";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
