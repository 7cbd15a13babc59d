/* How long ago, short, and kept up to date; the exact time stays in the title. */
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const times = new Set();
let timer = 0;

export default function relativeTime(element) {
  show(element);
  times.add(element);
  timer ||= setInterval(() => {
    for (const known of times) known.isConnected ? show(known) : times.delete(known);
  }, 30000);
}

function show(element) {
  const seconds = Math.max(0, (Date.now() - Date.parse(element.dateTime)) / 1000);
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["minute", 60];
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "short" });
  element.textContent = format.format(Math.floor(seconds / size));
}
