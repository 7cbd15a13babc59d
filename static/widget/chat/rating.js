// "Was your question answered?" after a reply, and one to five once it is settled.

import { Refused } from "./api.js";
import { say } from "./config.js";
import { toEnd } from "./log.js";

const question = document.getElementById("solved");
const wrapUp = document.getElementById("wrap-up");
const form = document.getElementById("rating");
const more = document.getElementById("rating-more");
const comment = document.getElementById("comment");
const problem = document.getElementById("rating-problem");
const thanks = document.getElementById("rated");

let notYet = null; // the reply that did not answer

/** A reply that asks back is no answer yet. */
function mayBeAnswer(message) {
  return message && (message.author === "operator" || message.author === "bot") && !/[?？]\s*$/.test(message.text);
}

export function show({ resolved, rating, status }, last) {
  const parts = [question, wrapUp, form, thanks];
  const before = parts.map((part) => part.hidden);
  question.hidden = resolved || status !== "idle" || !mayBeAnswer(last) || last.id === notYet;
  question.dataset.reply = last?.id ?? "";
  if (!resolved) {
    form.reset();
    more.hidden = true;
  }
  wrapUp.hidden = !resolved;
  form.hidden = !rating.asked;
  thanks.hidden = !rating.score;
  if (rating.score) {
    const { word } = form.querySelector(`[value="${rating.score}"]`).dataset;
    thanks.textContent = say("rated", { word });
  }
  // What comes up below the messages, the stars after "Yes" among them, must not stay below the fold.
  if (parts.some((part, i) => before[i] && !part.hidden)) toEnd();
}

/** `solved()` settles the question; `rate({score, comment})` stores a rating and rejects when it cannot. */
export function bind({ solved, rate, focus }) {
  document.getElementById("solved-yes").addEventListener("click", solved);
  document.getElementById("solved-no").addEventListener("click", () => {
    notYet = question.dataset.reply;
    question.hidden = true;
    focus();
  });
  form.addEventListener("change", () => {
    if (!more.hidden) return;
    more.hidden = false;
    toEnd();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const score = Number(new FormData(form).get("score"));
    if (!score) return;
    problem.textContent = "";
    try {
      await rate({ score, comment: comment.value });
      thanks.focus();
    } catch (error) {
      problem.textContent = error instanceof Refused && error.message ? error.message : say("failed");
    }
  });
}
