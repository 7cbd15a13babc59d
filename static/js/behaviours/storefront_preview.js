/* Shows in the drawing beside a storefront's form what is being chosen. Without it the drawing shows what is saved. */
export default function storefrontPreview(form) {
  const drawing = document.getElementById("storefront-preview");
  if (!drawing) return;
  const part = (name) => drawing.querySelectorAll(`[data-part="${name}"]`);
  const value = (name) => form.elements[name]?.value ?? "";

  function show() {
    const colour = value("accent");
    const on = readable(colour);
    for (const shape of part("accent")) shape.setAttribute("fill", colour);
    for (const shape of part("on-accent")) shape.setAttribute("fill", on);
    const dark = value("look") === "dark" || (value("look") === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    const chinese = value("locale") === "zh-hans";
    paint(drawing, dark);
    write("greeting", value(chinese ? "greeting_zh" : "greeting_en") || drawing.dataset.greeting);
    const text = value(chinese ? "launcher_text_zh" : "launcher_text_en");
    write("launcher-text", text);
    for (const shape of part("launcher")) shape.setAttribute("transform", value("position") === "left" ? "translate(-222 0)" : "");
    for (const shape of part("label")) shape.setAttribute("visibility", text ? "visible" : "hidden");
  }

  function write(name, text) {
    for (const each of part(name)) each.textContent = shortened(text, name === "greeting" ? 30 : 20);
  }

  form.addEventListener("input", show);
  show();
  hours(form);
}

/* At most so many Latin letters wide; a Chinese character counts as two. */
function shortened(text, width) {
  let used = 0;
  for (let at = 0; at < text.length; at += 1) {
    used += text.charCodeAt(at) > 0x2e7f ? 2 : 1;
    if (used > width) return `${text.slice(0, at)}…`;
  }
  return text;
}

function paint(drawing, dark) {
  const colours = dark ? ["#1b1e22", "#2d3238", "#e8eaed"] : ["#ffffff", "#eef0f2", "#1d1f1e"];
  ["page", "bubble", "ink"].forEach((name, n) => {
    for (const shape of drawing.querySelectorAll(`[data-part="${name}"]`)) shape.setAttribute("fill", colours[n]);
    for (const shape of drawing.querySelectorAll(`[data-part="greeting"], [data-part="launcher-text"]`)) shape.setAttribute("fill", colours[2]);
  });
}

/* Black or white, whichever contrasts more (WCAG 2.2 relative luminance). */
function readable(colour) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/* Hours of its own are shown when they are chosen. */
function hours(form) {
  const own = form.querySelector(".own-hours");
  const show = () => own?.toggleAttribute("data-closed", form.elements.own_hours.value !== "own");
  form.addEventListener("change", show);
  show();
}
