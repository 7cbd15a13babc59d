// The messages on screen: grouped bubbles with times and days, and what became of the shopper's own.

import { drawCards } from "./cards.js";
import { config, say } from "./config.js";
import { make, makeButton, makeIcon } from "./dom.js";
import { linkify } from "./linkify.js";
import { drawPhotos } from "./photos.js";
import { clock, dayName } from "./times.js";

const GROUP_MS = 5 * 60_000;
const NEAR_END_PX = 80;

const announcer = document.getElementById("log");
const list = document.getElementById("messages");
const scroller = document.getElementById("scroller");
const toEndButton = document.getElementById("to-end");

const DONE = ["m5 12 5 5L20 7"];
const NOT = ["M6 6l12 12M18 6 6 18"];
const OPEN = ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 7v5l3 2"];
const ICONS = { done: DONE, refused: NOT };

const rows = new Map(); // message id → row
const states = new Map(); // message id → what became of its request
const pendingRows = new Map(); // client id → row

function authorName(message) {
  if (message.author === "shopper") return say("you");
  return message.name || config.name;
}

function draw(message) {
  const row = make("li", `message ${message.author}`);
  row.dataset.author = message.author;
  row.dataset.name = authorName(message);
  row.dataset.at = message.at;
  const who = make("span", "who", authorName(message));
  const bubble = make("div", "bubble");
  bubble.dir = "auto";
  bubble.append(linkify(message.text));
  const cards = drawCards(message.cards);
  row.classList.toggle("with-cards", Boolean(cards));
  const photos = message.photos ? [drawPhotos(message.photos)] : [];
  const state = message.request ? [make("p", "request-state")] : [];
  row.append(who, ...(message.text ? [bubble] : []), ...photos, ...(cards ? [cards] : []), ...state, make("div", "note"));
  if (message.request) drawState(row, states.get(message.id));
  return row;
}

function drawState(row, state) {
  const line = row.querySelector(".request-state");
  if (!line || !state || line.dataset.state === state.state) return;
  line.dataset.state = state.state;
  line.replaceChildren(makeIcon(...(ICONS[state.state] ?? OPEN)), state.text);
}

/** Shows what became of requests; each stands at its message. */
export function showRequests(requests) {
  for (const state of requests) {
    states.set(state.message, state);
    const row = rows.get(state.message);
    if (row) drawState(row, state);
  }
}

function noteTime(row) {
  const at = new Date(row.dataset.at);
  const time = make("time", "", clock.format(at));
  time.dateTime = row.dataset.at;
  time.title = at.toLocaleString(config.locale);
  row.querySelector(".note").replaceChildren(time);
}

function regroup() {
  for (const day of list.querySelectorAll(".day")) day.remove();
  let before = null;
  for (const row of [...list.children]) {
    const at = new Date(row.dataset.at);
    const sameDay = before && new Date(before.dataset.at).toDateString() === at.toDateString();
    if (!sameDay) row.before(make("li", "day", dayName(at)));
    const joined =
      sameDay &&
      !before.classList.contains("failed") &&
      !row.classList.contains("failed") &&
      before.dataset.author === row.dataset.author &&
      before.dataset.name === row.dataset.name &&
      at - new Date(before.dataset.at) < GROUP_MS;
    row.classList.toggle("joined", Boolean(joined));
    before?.classList.toggle("followed", Boolean(joined));
    before = row;
  }
  before?.classList.remove("followed");
}

function nearEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
}

export function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
}

function insert(row, { follow }) {
  const stay = !follow && !nearEnd();
  list.append(row);
  regroup();
  if (stay) toEndButton.hidden = false;
  else toEnd();
}

/** Shows a message of the server; returns false when it is already there. */
export function add(message) {
  if (rows.has(message.id)) return false;
  const pending = message.client_id && pendingRows.get(message.client_id);
  if (pending) {
    pendingRows.delete(message.client_id);
    if (message.photos || message.request) {
      const row = draw(message);
      pending.replaceWith(row);
      return settled(row, message);
    }
    pending.classList.remove("sending", "failed");
    return settled(pending, message);
  }
  const row = draw(message);
  rows.set(message.id, row);
  noteTime(row);
  const firstPending = [...pendingRows.values()][0];
  if (firstPending) {
    firstPending.before(row);
    regroup();
  } else {
    insert(row, { follow: false });
  }
  return true;
}

/** The server has what was on its way. */
function settled(row, message) {
  row.dataset.at = message.at;
  rows.set(message.id, row);
  const firstPending = [...pendingRows.values()][0];
  if (firstPending) firstPending.before(row);
  noteTime(row);
  regroup();
  pendingChanged();
  return true;
}

/** Whether a message of the shopper has not reached the server yet. */
export function anyPending() {
  return pendingRows.size > 0;
}

function pendingChanged() {
  list.dispatchEvent(new Event("pending"));
}

/** Shows a message of the shopper that the server does not have yet. */
export function addPending({ clientId, text, at }) {
  const row = draw({ author: "shopper", text, at });
  pendingRows.set(clientId, row);
  markSending(clientId);
  insert(row, { follow: true });
  pendingChanged();
}

export function markSending(clientId) {
  const row = pendingRows.get(clientId);
  if (!row) return;
  row.classList.add("sending");
  row.classList.remove("failed");
  row.querySelector(".note").textContent = say("sending");
  regroup();
}

export function markFailed(clientId, reason, { onResend, onDiscard }) {
  const row = pendingRows.get(clientId);
  if (!row) return;
  row.classList.remove("sending");
  row.classList.add("failed");
  const again = makeButton("link", say("resend"), onResend);
  const discard = makeButton("link", say("discard"), onDiscard);
  row.querySelector(".note").replaceChildren(reason, " ", again, " · ", discard);
  regroup();
}

export function removePending(clientId) {
  pendingRows.get(clientId)?.remove();
  pendingRows.delete(clientId);
  regroup();
  pendingChanged();
}

/** How many messages of the shopper are on screen, sent or not. */
export function ownCount() {
  return list.querySelectorAll(".message.shopper").length;
}

export function clear() {
  announcer.setAttribute("aria-busy", "true");
  rows.clear();
  states.clear();
  pendingRows.clear();
  list.replaceChildren();
}

/** The history is complete: from now on additions are announced. */
export function ready() {
  toEnd();
  announcer.setAttribute("aria-busy", "false");
}

let atEnd = true;
scroller.addEventListener("scroll", () => {
  atEnd = nearEnd();
  if (atEnd) toEndButton.hidden = true;
});
// A growing composer or a keyboard that slides in must not cover what was just read.
new ResizeObserver(() => atEnd && toEnd()).observe(scroller);
toEndButton.addEventListener("click", toEnd);
