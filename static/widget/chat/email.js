// "Leave your e-mail and we will write to you": offered when the answer takes a while, or on coming back.

import { Refused } from "./api.js";
import { say } from "./config.js";
import { waiting } from "./progress.js";
import { told } from "./told.js";

const OFFER_AFTER_MS = 15_000;

const form = document.getElementById("email-form");
const input = document.getElementById("email");
const problem = document.getElementById("email-problem");
const dismiss = document.getElementById("email-dismiss");

let known = false;
let declined = false;
let awaited = false; // a reply said that a person goes on from here
let timer = null;

function hide() {
  clearTimeout(timer);
  form.hidden = true;
}

export function reset() {
  declined = false;
  hide();
}

export function setKnown(has) {
  known = has;
  if (has) hide();
}

/** Offers the form now, if somebody waits for an answer and we have no address. */
export function offer() {
  if (!known && !declined && (awaited || waiting())) form.hidden = false;
}

/** Offers it beside a reply that hands the question to a person: they may come later than the shopper stays. */
export function setAwaited(value) {
  awaited = value;
  if (awaited && !waiting()) offer();
}

/** Offers it in a while; at once while the shop is closed, since nobody will answer in a while. */
export function offerLater({ open }) {
  clearTimeout(timer);
  if (open) timer = setTimeout(offer, OFFER_AFTER_MS);
  else offer();
}

/** The shopper wants somebody who is not there now. */
export function ask() {
  if (known) return;
  form.hidden = false;
  input.focus();
}

export function answered() {
  if (!awaited) hide();
}

export function bind({ save }) {
  dismiss.addEventListener("click", () => {
    declined = true;
    hide();
    document.getElementById("text").focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    input.removeAttribute("aria-invalid");
    try {
      await save(input.value);
    } catch (error) {
      problem.textContent = error instanceof Refused && error.message ? error.message : say("notSaved");
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return;
    }
    known = true;
    hide();
    told(say("emailSaved", { email: input.value.trim() }));
    document.getElementById("text").focus();
  });
}
