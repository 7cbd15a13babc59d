/* Copies the text of the element named by data-copy, and says so. */
export default function copy(button) {
  button.hidden = false;
  const label = button.querySelector("[data-label]");
  const words = label.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      label.textContent = button.dataset.textDone;
    } catch {
      window.getSelection().selectAllChildren(source);
      label.textContent = button.dataset.textSelected;
    }
    document.getElementById("announcer").textContent = label.textContent;
    setTimeout(() => (label.textContent = words), 2500);
  });
}
