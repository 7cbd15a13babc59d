// The banner that says when the portal cannot be reached. A blip of a second or two is not worth a banner.

import { say } from "./config.js";

const SHOW_AFTER_MS = 2_500;

const banner = document.getElementById("connection");
const words = document.getElementById("connection-text");
const button = document.getElementById("retry");

let timer = null;

export function lost() {
  if (timer !== null || !banner.hidden) return;
  timer = setTimeout(() => {
    words.textContent = say("connectionLost");
    button.hidden = false;
    banner.hidden = false;
  }, SHOW_AFTER_MS);
}

export function restored() {
  clearTimeout(timer);
  timer = null;
  banner.hidden = true;
}

/** The portal will not have us: trying again would not help. */
export function closed() {
  clearTimeout(timer);
  timer = null;
  words.textContent = say("unavailable");
  button.hidden = true;
  banner.hidden = false;
}

export function bind({ retry }) {
  button.addEventListener("click", retry);
}
