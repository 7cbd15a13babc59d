/* A button that prints the page, or saves it as a file by the print dialog. */
export default function prints(button) {
  button.addEventListener("click", () => window.print());
}
