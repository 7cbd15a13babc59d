/* A suggested phrasing goes into the editor's list, to be saved with the rest; without scripts it is saved at once. */
export default function addsPhrasing(form) {
  form.addEventListener("submit", (event) => {
    const field = document.getElementById(form.dataset.into)?.closest(".phrasings");
    const add = field?.querySelector("[data-phrasings-add]");
    if (!add || add.hidden) return;
    event.preventDefault();
    add.click();
    const input = field.querySelector("[data-phrasings-list] li:last-child input");
    input.value = form.dataset.text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    form.closest("li").remove();
  });
}
