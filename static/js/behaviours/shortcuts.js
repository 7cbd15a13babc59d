/* One key for what has data-key; J and K walk the list of rows; G and a letter goes to a section. Off while typing,
   composing, or with a dialog open. */
import { say } from "../notices.js";

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const PREFIX_SECONDS = 1.5;
/* Who means to approve two drafts reads the second one first. */
const BETWEEN_APPROVALS_MS = 1000;
const SEARCHES = ".filters [type=search], .inbox-head [type=search]";
let goUntil = 0;
let approvedAt = -Infinity;

export default function shortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.repeat && !/^[jk]$/i.test(event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.timeStamp < goUntil) go(key);
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "Escape") back();
    else if (key === "?") document.getElementById("keys")?.showModal();
    else if (press(key)) goUntil = 0;
    else if (key === "g") goUntil = event.timeStamp + PREFIX_SECONDS * 1000;
    else if (key === "/") document.querySelector(SEARCHES)?.focus();
    else return;
    event.preventDefault();
  });
}

function go(letter) {
  goUntil = 0;
  document.querySelector(`.sections [data-go="${CSS.escape(letter)}"]`)?.click();
}

function press(key) {
  const controls = [...document.querySelectorAll("[data-key]")].filter(
    (control) => control.dataset.key === key && !control.disabled && control.checkVisibility({ visibilityProperty: true }),
  );
  // Of several notices the newest counts: Z takes back what was done last.
  const target = controls.findLast((control) => control.closest("#toasts")) ?? controls[0];
  if (target?.matches("[data-approve]")) {
    if (performance.now() - approvedAt < BETWEEN_APPROVALS_MS) {
      say(target.dataset.textTooSoon);
      return true;
    }
    approvedAt = performance.now();
  }
  target?.click();
  return Boolean(target);
}

function step(by) {
  const queue = [...document.querySelectorAll(".queue-row")];
  const rows = queue.length ? queue : [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true" || row === document.activeElement);
  const row = at < 0 ? rows[0] : rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  if (rows.indexOf(row) === at) return;
  row.scrollIntoView({ block: "nearest" });
  queue.length ? row.click() : row.focus();
}

function back() {
  if (location.hash === "#evidence") location.hash = "#conversation";
  else document.querySelector("#conversation .step-back")?.click();
}
