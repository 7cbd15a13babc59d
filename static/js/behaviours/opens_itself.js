/* A dialog that an answer brought back open: what was refused stands in it, to be mended. */
export default function opensItself(dialog) {
  dialog.showModal();
}
