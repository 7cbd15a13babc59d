/* Writes the value of a slider beside it while it moves. */
export default function threshold(group) {
  const slider = group.querySelector("input");
  const output = group.querySelector("output");
  slider.addEventListener("input", () => (output.textContent = `${slider.value} %`));
}
