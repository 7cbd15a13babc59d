/* A filter form that applies itself: a choice at once, a typed search after a pause, a date typed by keys once one
   leaves it (each digit of a year is a date of its own). Empty fields stay out of the URL. */
const PAUSE = 350;
const KEPT = "filter-focus";

/* Not form.action: a filter may be called "action", too. */
const addressOf = (form) => new URL(form.getAttribute("action") ?? location.href, location.href).href.split("?")[0];

export default function filters(form) {
  let timer = 0;
  let byKeys = false;
  let waiting = null;
  let next = null;
  form.addEventListener("keydown", () => (byKeys = true));
  form.addEventListener("pointerdown", () => (byKeys = false));
  form.addEventListener("change", (event) => {
    if (byKeys && event.target.type === "date") waiting = event.target;
    else form.requestSubmit();
  });
  form.addEventListener("focusout", (event) => {
    next = event.relatedTarget;
    if (waiting === event.target) form.requestSubmit();
    next = null;
  });
  form.addEventListener("input", (event) => {
    if (event.isComposing || event.target.type !== "search") return;
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(), PAUSE);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    waiting = null;
    event.preventDefault();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
    const at = next ?? document.activeElement;
    if (form.contains(at) && at.name && (byKeys || at.type === "search")) {
      sessionStorage.setItem(KEPT, JSON.stringify([addressOf(form), at.name]));
    }
    location.assign(`${addressOf(form)}?${query}`);
  });
  resume(form);
}

/* The page that comes back puts the focus where it was, so that keys go on: behind what was typed, on the choice. */
function resume(form) {
  const [action, name] = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  if (action !== addressOf(form)) return;
  sessionStorage.removeItem(KEPT);
  const field = form.elements.namedItem(name);
  if (!(field instanceof HTMLElement)) return;
  const folded = field.closest("details:not([open])");
  if (folded) folded.open = true;
  field.focus();
  if (field.type === "search") field.setSelectionRange(field.value.length, field.value.length);
}
