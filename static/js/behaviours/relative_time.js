/* How long ago, or how soon, and kept up to date; the exact time stays in the title. With `data-ago` as a sentence needs
   it ("4 min. ago"), and as it was written once it is older than a month; without, the bare span of a narrow list. */
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const MONTH = 30 * 86400;
const times = new Set();
const formats = new Map();
let timer = 0;

export default function relativeTime(element) {
  element.dataset.written ??= element.textContent.trim();
  show(element);
  times.add(element);
  timer ||= setInterval(() => {
    for (const known of times) known.isConnected ? show(known) : times.delete(known);
  }, 30000);
}

function show(element) {
  const seconds = (Date.now() - Date.parse(element.dateTime)) / 1000;
  element.textContent = "ago" in element.dataset ? sentence(seconds, element.dataset.written) : span(seconds);
}

function sentence(seconds, written) {
  if (Math.abs(seconds) >= MONTH) return written;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", Infinity];
  const number = Math.trunc(-seconds / size);
  return relative(number, unit);
}

function span(seconds) {
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
  if (Math.abs(seconds) < 60) return relative(0, "second");
  if (seconds < 0) return relative(Math.round(-seconds / size), unit);
  return format("number", { style: "unit", unit, unitDisplay: "short" }).format(Math.max(0, Math.floor(seconds / size)));
}

/** "now", "1 min ago", "23 hr ago": the units of a bare span, without the points that English sets after them. */
function relative(number, unit) {
  const options = { numeric: number ? "always" : "auto", style: "short" };
  return format("relative", options).format(number, unit).replace(/(\p{L})\./gu, "$1");
}

/** A formatter is dear, and a list asks for hundreds. */
function format(kind, options) {
  const language = document.documentElement.lang;
  const key = JSON.stringify([kind, language, options]);
  if (!formats.has(key)) {
    formats.set(key, kind === "number" ? new Intl.NumberFormat(language, options) : new Intl.RelativeTimeFormat(language, options));
  }
  return formats.get(key);
}
