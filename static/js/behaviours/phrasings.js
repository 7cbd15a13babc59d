/* Phrasings as a list with a field each: add, remove, move. The textarea underneath is what the form sends; without
   scripts one writes into it, one phrasing per line. */
export default function phrasings(root) {
  const text = root.querySelector("textarea");
  const list = root.querySelector("[data-phrasings-list]");
  const row = root.querySelector("[data-phrasings-row]");
  const add = root.querySelector("[data-phrasings-add]");
  if (!text || text.disabled) return;

  const inputs = () => [...list.querySelectorAll("input")];
  const keep = () => {
    text.value = inputs().map((input) => input.value.replace(/\s+/g, " ")).filter((line) => line.trim()).join("\n");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  function insert(value, before = null) {
    const item = row.content.firstElementChild.cloneNode(true);
    const input = item.querySelector("input");
    input.value = value;
    list.insertBefore(item, before);
    return input;
  }

  function remove(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    keep();
    (next?.querySelector("input") ?? add).focus();
  }

  function move(item, by) {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (by < 0) list.insertBefore(item, other);
    else list.insertBefore(other, item);
    keep();
  }

  list.addEventListener("input", keep);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const item = button.closest("li");
    if ("remove" in button.dataset) remove(item);
    else {
      move(item, Number(button.dataset.move));
      button.focus();
    }
  });
  list.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.target.tagName !== "INPUT") return;
    const item = event.target.closest("li");
    if (event.key === "Enter") {
      event.preventDefault();
      insert("", item.nextElementSibling).focus();
    } else if (event.key === "Backspace" && event.target.value === "") {
      event.preventDefault();
      remove(item);
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(item, event.key === "ArrowUp" ? -1 : 1);
      event.target.focus();
    }
  });
  list.addEventListener("paste", (event) => {
    const lines = (event.clipboardData?.getData("text") ?? "").split(/\r?\n/).filter((line) => line.trim());
    if (lines.length < 2) return;
    event.preventDefault();
    const item = event.target.closest("li");
    const after = item.nextElementSibling;
    const last = lines.map((line) => insert(line.trim(), after)).at(-1);
    if (item.querySelector("input").value === "") item.remove();
    keep();
    last.focus();
  });
  add.addEventListener("click", () => insert("").focus());

  for (const line of text.value.split(/\r?\n/)) if (line.trim()) insert(line);
  root.querySelector("[data-phrasings-plain]").hidden = true;
  list.hidden = add.hidden = false;
}
