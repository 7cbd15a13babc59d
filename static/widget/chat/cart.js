// "Add to cart" of a product's card. The shop's page puts it into its own cart and says whether it did.

import { tell } from "./bridge.js";
import { say } from "./config.js";
import { makeButton, makeIcon } from "./dom.js";

const ANSWER_WITHIN_MS = 15_000;
const CHECK = "m5 12 5 5L20 7";

const waiting = new Map(); // call → what to do with the answer

/** Cards show the button only where the shop's page listens for it. */
export function offer(has) {
  document.documentElement.classList.toggle("has-cart", has);
}

export function answered({ call, added }) {
  waiting.get(call)?.(added === true);
}

/** A button that adds the product of `card`; without a variant one has to choose. */
export function drawButton(card, describedBy) {
  const button = makeButton("add", say(card.variant ? "addToCart" : "chooseAndAdd"), () => add(card, button));
  button.setAttribute("aria-describedby", describedBy);
  button.setAttribute("aria-live", "polite");
  return button;
}

function add(card, button) {
  if (button.getAttribute("aria-disabled")) return;
  const call = crypto.randomUUID();
  const timer = setTimeout(() => answered({ call, added: false }), ANSWER_WITHIN_MS);
  button.setAttribute("aria-disabled", "true");
  button.textContent = say("adding");
  waiting.set(call, (added) => {
    clearTimeout(timer);
    waiting.delete(call);
    button.removeAttribute("aria-disabled");
    button.classList.toggle("added", added);
    button.textContent = say(added ? "added" : "notAdded");
    if (added) button.prepend(makeIcon(CHECK));
  });
  tell("add_to_cart", { id: String(card.id), variant: card.variant ?? "", url: card.url }, { call });
}
