// "Leave your e-mail and we will write to you": offered when the answer takes a while, or on coming back.

import { Refused } from "./api.js";
import { say } from "./config.js";
import { waiting } from "./progress.js";

const OFFER_AFTER_MS = 15_000;

const form = document.getElementById("email-form");
const input = document.getElementById("email");
const problem = document.getElementById("email-problem");
const done = document.getElementById("email-done");
const dismiss = document.getElementById("email-dismiss");

let known = false;
let declined = false;
let timer = null;

function hide() {
  clearTimeout(timer);
  form.hidden = true;
}

export function reset({ has }) {
  known = has;
  declined = false;
  done.hidden = true;
  hide();
}

/** Offers the form now, if somebody waits for an answer and we have no address. */
export function offer() {
  if (!known && !declined && waiting()) form.hidden = false;
}

export function offerLater() {
  clearTimeout(timer);
  timer = setTimeout(offer, OFFER_AFTER_MS);
}

export function answered() {
  hide();
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
    done.textContent = say("emailSaved", { email: input.value.trim() });
    done.hidden = false;
    document.getElementById("text").focus();
  });
}
