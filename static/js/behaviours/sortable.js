/* A list whose rows are dragged by their handle, by mouse, pen or finger; near an edge of the window it scrolls, and
   Escape puts a row back. Letting go sends the form that data-form names, with the row's code and its new place, or
   presses the button that data-button names, with "place:code:place" as its value. By keys the rows' own buttons do the
   same. */
const EDGE = 90;
/* Pixels per millisecond: a slow browser makes larger steps. */
const SPEED = 0.9;

export default function sortable(list) {
  const form = document.getElementById(list.dataset.form);
  const button = document.getElementById(list.dataset.button);
  if (!form && !button) return;
  let row = null;
  let next = null;
  let height = 0;
  let before = 0;

  const rows = () => [...list.querySelectorAll(":scope > [data-sortable]")];

  function start(event) {
    const handle = event.target.closest("[data-handle]");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    row = handle.closest("[data-sortable]");
    next = row.nextElementSibling;
    height = event.clientY;
    row.classList.add("is-dragged");
    document.addEventListener("keydown", giveUp);
    list.setPointerCapture(event.pointerId);
    before = performance.now();
    requestAnimationFrame(scroll);
  }

  function scroll(now) {
    if (!row) return;
    const step = SPEED * (now - before);
    before = now;
    if (height < EDGE) window.scrollBy({ top: -step, behavior: "instant" });
    else if (height > window.innerHeight - EDGE) window.scrollBy({ top: step, behavior: "instant" });
    place();
    requestAnimationFrame(scroll);
  }

  function place() {
    const others = rows().filter((other) => other !== row);
    const below = others.find((other) => {
      const box = other.getBoundingClientRect();
      return height < box.top + box.height / 2;
    });
    if (below && below.previousElementSibling !== row) below.before(row);
    else if (!below && others.length && others.at(-1).nextElementSibling !== row) others.at(-1).after(row);
  }

  function move(event) {
    if (row) height = event.clientY;
  }

  function giveUp(event) {
    if (event.key === "Escape") end(false);
  }

  function end(put) {
    if (!row) return;
    if (put) place();
    const moved = row;
    row = null;
    document.removeEventListener("keydown", giveUp);
    moved.classList.remove("is-dragged");
    if (!put) list.insertBefore(moved, next);
    else if (moved.nextElementSibling !== next) {
      if (button) {
        button.value = `place:${moved.dataset.sortable}:${rows().indexOf(moved) + 1}`;
        button.click();
        return;
      }
      form.elements.rule.value = moved.dataset.sortable;
      form.elements.place.value = rows().indexOf(moved) + 1;
      form.requestSubmit();
    }
  }

  list.addEventListener("pointerdown", start);
  list.addEventListener("pointermove", move);
  list.addEventListener("pointerup", () => end(true));
  list.addEventListener("pointercancel", () => end(false));
}
