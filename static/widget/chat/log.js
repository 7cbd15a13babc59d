// The messages on screen: grouped bubbles with times and days, and what became of the shopper's own.

import { config, say } from "./config.js";
import { linkify } from "./linkify.js";

const GROUP_MS = 5 * 60_000;
const NEAR_END_PX = 80;

const announcer = document.getElementById("log");
const list = document.getElementById("messages");
const scroller = document.getElementById("scroller");
const toEndButton = document.getElementById("to-end");
const clock = new Intl.DateTimeFormat(config.locale, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(config.locale, { weekday: "long", month: "long", day: "numeric" });
const relative = new Intl.RelativeTimeFormat(config.locale, { numeric: "auto" });

const rows = new Map(); // message id → row
const pendingRows = new Map(); // client id → row

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

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
  row.append(who, bubble, make("div", "note"));
  return row;
}

function noteTime(row) {
  const at = new Date(row.dataset.at);
  const time = make("time", "", clock.format(at));
  time.dateTime = row.dataset.at;
  time.title = at.toLocaleString(config.locale);
  row.querySelector(".note").replaceChildren(time);
}

/** "Today", "Yesterday", or the date. */
function dayName(at) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(at) - midnight(new Date())) / 86_400_000);
  if (days !== 0 && days !== -1) return calendar.format(at);
  const name = relative.format(days, "day");
  return name[0].toLocaleUpperCase(config.locale) + name.slice(1);
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
    pending.classList.remove("sending", "failed");
    pending.dataset.at = message.at;
    rows.set(message.id, pending);
    const firstPending = [...pendingRows.values()][0];
    if (firstPending) firstPending.before(pending);
    noteTime(pending);
    regroup();
    return true;
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

/** Shows a message of the shopper that the server does not have yet. */
export function addPending({ clientId, text, at }) {
  const row = draw({ author: "shopper", text, at });
  pendingRows.set(clientId, row);
  markSending(clientId);
  insert(row, { follow: true });
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
  const again = make("button", "link", say("resend"));
  const discard = make("button", "link", say("discard"));
  again.type = discard.type = "button";
  again.addEventListener("click", onResend);
  discard.addEventListener("click", onDiscard);
  row.querySelector(".note").replaceChildren(reason, " ", again, " · ", discard);
  regroup();
}

export function removePending(clientId) {
  pendingRows.get(clientId)?.remove();
  pendingRows.delete(clientId);
  regroup();
}

export function clear() {
  announcer.setAttribute("aria-busy", "true");
  rows.clear();
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
