// Where the shopper writes. Enter sends, Shift+Enter breaks the line, Enter during IME composition picks a word.

import { characters, config, say } from "./config.js";

const COUNTER_FROM = 0.85;
const TALLEST_PX = 144;
const TYPING_EVERY_MS = 3_000;

const form = document.getElementById("composer");
const input = document.getElementById("text");
const button = document.getElementById("send");
const counter = document.getElementById("counter");

let typingTold = 0;
let hasPhotos = () => false;

function length() {
  return characters(input.value.trim());
}

function measure() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, TALLEST_PX)}px`;
  const count = length();
  const over = count > config.limit;
  button.disabled = (count === 0 && !hasPhotos()) || over;
  counter.hidden = count < config.limit * COUNTER_FROM;
  counter.textContent = over
    ? say("tooLong", { over: count - config.limit, limit: config.limit })
    : say("counter", { count, limit: config.limit });
  input.setAttribute("aria-invalid", String(over));
}

export function focus() {
  input.focus({ preventScroll: true });
}

export function text() {
  return input.value;
}

export function setText(text) {
  input.value = text;
  measure();
}

export { measure };

/** Binds the form: `send(text)` for each message, `typed(text)` for each change, `typing()` at most every 3 s. */
export function bind({ send, typed, typing, photos }) {
  hasPhotos = photos;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const count = length();
    if ((count === 0 && !hasPhotos()) || count > config.limit) return;
    const text = input.value.trim();
    setText("");
    typed("");
    typingTold = 0;
    send(text);
    focus();
  });
  input.addEventListener("input", () => {
    measure();
    typed(input.value);
    const now = Date.now();
    if (input.value.trim() && now - typingTold > TYPING_EVERY_MS) {
      typingTold = now;
      typing();
    }
  });
  input.addEventListener("keydown", (event) => {
    // keyCode 229: Safari ends the composition before it reports the Enter that ended it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });
  measure();
  // Enter before this script
  if (/\n$/.test(input.value)) form.requestSubmit();
}
