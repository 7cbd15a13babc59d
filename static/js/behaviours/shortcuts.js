/* One key for what has data-key; J and K walk the queue. Off while typing, composing, or with a dialog open. */
const TYPING = "input, textarea, select, [contenteditable]";

export default function shortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "Escape") back();
    else if (!press(key)) return;
    event.preventDefault();
  });
}

function press(key) {
  const target = [...document.querySelectorAll("[data-key]")].find(
    (control) => control.dataset.key === key && !control.disabled && control.checkVisibility(),
  );
  target?.click();
  return Boolean(target);
}

function step(by) {
  const rows = [...document.querySelectorAll(".queue-row")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const row = at < 0 ? rows[0] : rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  if (rows.indexOf(row) === at) return;
  row.scrollIntoView({ block: "nearest" });
  row.click();
}

function back() {
  if (location.hash === "#evidence") location.hash = "#conversation";
  else document.querySelector("#conversation .step-back")?.click();
}
