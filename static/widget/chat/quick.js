// Questions to begin with: shown until the shopper has written, each sends itself.

import { ownCount } from "./log.js";

const box = document.getElementById("quick");

export function update() {
  box.hidden = ownCount() > 0 || !box.querySelector("button:not([hidden])");
}

export function bind({ send }) {
  for (const button of box.querySelectorAll("[data-quick]")) {
    button.addEventListener("click", () => send(button.textContent.trim()));
  }
}
