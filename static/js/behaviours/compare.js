/* Candidates side by side stay so from draft to draft, and when another wording is picked or comes. */
let open = false;

export default function compare(details) {
  details.open = open;
  details.addEventListener("toggle", () => {
    if (details.isConnected) open = details.open;
  });
}
