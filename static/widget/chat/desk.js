// Who answers: the assistant, a person who was asked for, a person who has taken over, or nobody until the shop opens.

import { say } from "./config.js";
import { comingTime } from "./times.js";

const line = document.getElementById("who");
const notice = document.getElementById("offline");
const opens = document.getElementById("opens");
const asks = document.querySelectorAll("[data-ask-person]");

let open = true;

function words(person, desk) {
  if (person.name) return say("personTalks", { name: person.name });
  if (!desk.open) return desk.opens_at ? say("closedUntil", { time: comingTime(new Date(desk.opens_at)) }) : say("closed");
  return person.asked ? say("personAsked") : say("assistant");
}

export function show({ person, desk }) {
  open = desk.open;
  const text = words(person, desk);
  if (line.textContent !== text) line.textContent = text;
  // Somebody who is here is no closed shop.
  notice.hidden = desk.open || Boolean(person.name);
  opens.hidden = desk.open || !desk.opens_at;
  if (desk.opens_at) opens.textContent = say("backAt", { time: comingTime(new Date(desk.opens_at)) });
  for (const button of asks) button.hidden = person.asked || Boolean(person.name);
}

export function isOpen() {
  return open;
}

export function bind({ askPerson }) {
  for (const button of asks) button.addEventListener("click", askPerson);
}
