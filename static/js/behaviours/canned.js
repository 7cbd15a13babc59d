/* Canned replies: a slash at the beginning of a line, the key or the button opens the dialog, which fetches them; a
   choice goes to where the cursor was in the reply. A draft that nobody edits yet makes room for it. */
export default function canned(dialog) {
  const search = dialog.querySelector("input[type=search]");
  const list = dialog.querySelector(".palette-list");
  const text = document.getElementById("reply-text");
  const opener = document.querySelector("[data-canned]");
  const edit = text.closest("[data-edit]");

  opener.addEventListener("click", () => {
    const tab = document.getElementById("write-reply");
    if (tab) tab.checked = true;
    setTimeout(() => window.htmx.trigger(search, "fetch"));
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!/(^|\n)$/.test(text.value.slice(0, text.selectionStart))) return;
    event.preventDefault();
    opener.click();
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("[data-insert]")?.click();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const items = [...list.querySelectorAll("[data-insert]")];
    const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (items[at] ?? (at < 0 ? search : items[0]))?.focus();
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-insert]");
    if (!item) return;
    dialog.close();
    const words = item.querySelector("[data-text]").textContent;
    if (edit && !edit.open) {
      document.querySelector("[data-edit-button]").click();
      text.select();
    }
    const before = text.value.slice(0, text.selectionStart);
    const gap = before && !/\s$/.test(before) ? "\n" : "";
    text.setRangeText(gap + words, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    const hole = text.value.indexOf("⟦");
    text.focus();
    if (hole < 0) text.setSelectionRange(text.value.length, text.value.length);
    else {
      text.setSelectionRange(hole, text.value.indexOf("⟧", hole) + 1);
    }
  });
}
