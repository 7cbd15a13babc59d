// "Delete my data": says what will happen, and asks the merchant only after a yes.

const dialog = document.getElementById("erase");

export function isOpen() {
  return dialog.open;
}

export function ask() {
  dialog.returnValue = "";
  dialog.showModal();
}

export function bind({ erase }) {
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "erase") erase();
  });
}
