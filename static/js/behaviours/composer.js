/* Writing to a shopper or to colleagues. What is typed is kept per conversation while one looks at others, through
   refused and lost requests; it goes once it was taken. Ctrl or ⌘ with Enter sends. */
const kept = new Map();
/* What a macro put in: the text with it, and what stood there before; and which macro it was. */
const inserted = new Map();
const macros = new Map();

window.addEventListener("beforeunload", (event) => {
  if ([...kept.values()].some((text) => text.trim())) event.preventDefault();
});

export default function composer(box) {
  const { conversation } = box.dataset;
  for (const form of box.querySelectorAll("[data-write]")) write(form, `${conversation}:${form.dataset.write}`);
  for (const tab of box.querySelectorAll(".composer-tab")) {
    tab.addEventListener("change", () => focusOn(box, tab.value));
  }
  for (const label of box.querySelectorAll(".composer-label")) {
    label.addEventListener("click", () => setTimeout(() => focusOn(box, box.querySelector(".composer-tab:checked").value)));
  }
  const noted = kept.get(`${conversation}:note`);
  if (noted?.trim() && !kept.get(`${conversation}:reply`)?.trim()) box.querySelector("#write-note").checked = true;
}

function write(form, key) {
  const text = form.querySelector("textarea");
  const forgets = form.closest("[data-forgets]") !== null;
  if (forgets && inserted.has(key)) forget(form, key);
  if (text.value) put(text, key);
  else if (kept.has(key)) text.value = kept.get(key);
  if (form.elements.macro?.value) macros.set(key, [form.elements.macro.value, form.elements.macro_batch.value]);
  else if (macros.has(key) && kept.has(key)) [form.elements.macro.value, form.elements.macro_batch.value] = macros.get(key);
  text.addEventListener("input", () => (text.value.trim() ? kept.set(key, text.value) : kept.delete(key)));
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("[data-send]").click();
    }
  });
  form.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.target !== form || event.detail.xhr.status >= 300) return;
    for (const map of [kept, inserted, macros]) map.delete(key);
  });
  form.addEventListener("submit", () => {
    if (!window.htmx) kept.delete(key);
  });
}

/* A text from the server goes below what stands there, unless it is the same or a part of it. */
function put(text, key) {
  const before = kept.get(key) ?? "";
  const given = text.value;
  if (before.trim() && !given.includes(before)) text.value = before.includes(given) ? before : `${before}\n\n${given}`;
  if (text.dataset.inserted !== undefined) inserted.set(key, { text: text.value, before });
  kept.set(key, text.value);
}

/* The macro was taken back: its text goes, too, unless somebody wrote on it. */
function forget(form, key) {
  const { text, before } = inserted.get(key);
  inserted.delete(key);
  macros.delete(key);
  if (kept.get(key) !== text) return;
  before.trim() ? kept.set(key, before) : kept.delete(key);
}

export function focusOn(box, what) {
  const text = box.querySelector(`[data-write="${what}"] textarea`);
  text?.focus();
  text?.setSelectionRange(text.value.length, text.value.length);
}
