// What happens on the other side: a reply is being written, a colleague checks it, a colleague types.

import { say } from "./config.js";
import { toEnd } from "./log.js";

const OPERATOR_TYPING_MS = 6_000;

const line = document.getElementById("progress");
const words = document.getElementById("progress-text");
const scroller = document.getElementById("scroller");

let state = "idle";
let typingTimer = null;

function draw(key) {
  line.hidden = key === null;
  line.classList.toggle("checking", key === "checking");
  const text = key === null ? "" : say(key);
  if (words.textContent !== text) words.textContent = text;
  if (key !== null && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 160) toEnd();
}

function settle() {
  draw(state === "idle" ? null : state);
}

/** `next` is idle, drafting or checking, as the server names them. */
export function show(next) {
  state = next;
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
