// What happens on the other side: a reply is being written, a colleague checks it, a colleague types.

import { say } from "./config.js";
import { anyPending, toEnd } from "./log.js";

const OPERATOR_TYPING_MS = 6_000;

const line = document.getElementById("progress");
const words = document.getElementById("progress-text");
const scroller = document.getElementById("scroller");

let state = "idle";
let open = true;
let typingTimer = null;

/** `key` null: nothing to say. */
function draw(key) {
  line.hidden = key === null;
  line.classList.toggle("checking", key === "checking" || key === "kept");
  const text = key === null ? "" : say(key);
  if (words.textContent !== text) words.textContent = text;
  if (key !== null && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 160) toEnd();
}

/** Nobody checks anything while the shop is closed, as far as the shopper can tell: their message is kept.
 *
 * Under a message that is still on its way nothing is said of what became of it. */
function settle() {
  if (anyPending() || (state !== "drafting" && state !== "checking")) draw(null);
  else draw(open ? state : "kept");
}

document.getElementById("messages").addEventListener("pending", settle);

/** `next` is idle, waiting, drafting or checking, as the server names them; `desk` says whether the shop is open. */
export function show(next, { desk } = {}) {
  state = next;
  if (desk) open = desk.open;
  clearTimeout(typingTimer);
  settle();
}

export function waiting() {
  return state !== "idle";
}

export function operatorTyping() {
  clearTimeout(typingTimer);
  draw("operatorTyping");
  typingTimer = setTimeout(settle, OPERATOR_TYPING_MS);
}
