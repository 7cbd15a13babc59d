// The chat inside the iframe: one session at a time, its messages, and the talk with the loader outside.

import { Refused, call } from "./chat/api.js";
import { Backoff, pause } from "./chat/backoff.js";
import { hear, tell } from "./chat/bridge.js";
import * as ask from "./chat/ask.js";
import * as cards from "./chat/cards.js";
import * as cart from "./chat/cart.js";
import * as composer from "./chat/composer.js";
import { config, say } from "./chat/config.js";
import * as connection from "./chat/connection.js";
import * as desk from "./chat/desk.js";
import * as email from "./chat/email.js";
import * as erase from "./chat/erase.js";
import { keepInside } from "./chat/focus.js";
import * as keep from "./chat/keep.js";
import * as log from "./chat/log.js";
import * as menu from "./chat/menu.js";
import { Outbox } from "./chat/outbox.js";
import { PhotoPicker, bind as bindPhotos } from "./chat/photos.js";
import * as presence from "./chat/presence.js";
import * as progress from "./chat/progress.js";
import * as quick from "./chat/quick.js";
import * as rating from "./chat/rating.js";
import { requestSession } from "./chat/session.js";
import * as storage from "./chat/storage.js";
import { Stream } from "./chat/stream.js";
import { told, untold } from "./chat/told.js";

let identity = null;
// {token, conversation, slot, outbox, stream, lastId, last}: lastId is that of the message up to which all was fetched,
// last the latest message on screen.
let session = null;
let opening = 0; // grows with each attempt, so that an answer to an older one is dropped
let unread = 0;
let early = false;
const photos = new PhotoPicker({ button: document.getElementById("add-photo"), onChange: composer.measure });

document.documentElement.style.setProperty("--accent", config.accent.colour);
document.documentElement.style.setProperty("--on-accent", config.accent.on);
document.documentElement.style.setProperty("--accent-on-light", config.accent.onLight);
document.documentElement.style.setProperty("--accent-on-dark", config.accent.onDark);

/* ---- session ---- */

async function openSession() {
  const attempt = ++opening;
  const carried = endSession();
  const backoff = new Backoff();
  while (attempt === opening) {
    try {
      const answer = await requestSession(identity);
      if (attempt === opening) begin(answer, carried);
      return;
    } catch (error) {
      if (attempt !== opening) return;
      if (error instanceof Refused && error.code === "identity_refused" && identity) {
        tell("error", { code: error.code });
        identity = null;
        continue;
      }
      connection.lost();
      if (error instanceof Refused && !error.passing) {
        connection.closed();
        tell("error", { code: error.code });
        return;
      }
      await pause(backoff.next(error.retryAfter));
    }
  }
}

/** Ends the session and returns what it had not sent yet. */
function endSession() {
  if (!session) return { slot: null, messages: [] };
  const carried = { slot: session.slot, messages: session.outbox.close() };
  session.stream.stop();
  session = null;
  composer.setText("");
  return carried;
}

function begin(answer, carried) {
  const { token, conversation, slot } = answer;
  log.clear();
  untold();
  document.getElementById("sign-in-hint").hidden = answer.identified;
  for (const each of document.querySelectorAll("[data-identified]")) each.hidden = !answer.identified;
  photos.clear();
  email.reset();
  session = {
    token,
    conversation,
    slot,
    lastId: null,
    last: null,
    outbox: new Outbox({ conversation, request, onSent: receiveSent, onMoved: ask.moved, onTrouble: connection.lost }),
    stream: new Stream({
      token,
      cursor: answer.cursor,
      onEvent,
      onPoll: sync,
      onState: (up) => (up ? connection.restored() : connection.lost()),
      onRefused: openSession,
    }),
  };
  const missed = missedIn(answer.messages, storage.seenIn(conversation));
  for (const message of answer.messages) receive(message, { quietly: true });
  connection.restored();
  session.outbox.restore({
    known: new Set(answer.messages.map((message) => message.client_id)),
    carried: carried.slot === slot ? carried.messages : [],
  });
  settle(answer.state);
  if (progress.waiting()) email.offerLater({ open: desk.isOpen() });
  session.stream.start();
  if (early) document.getElementById("send").click();
  if (!composer.text()) composer.setText(storage.typedText(slot));
  presence.bind({ seen: () => quiet("POST", "seen"), left: () => quiet("POST", "leave", { keepalive: true }) });
  log.ready();
  if (presence.looking()) read();
  else setUnread(missed);
  if (answer.identified) tell("identified");
}

/** A request of the session; a session that the server no longer knows is opened anew. */
async function request(method, path, options = {}) {
  const { token } = session;
  try {
    return await call(method, path, { ...options, token });
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && session?.token === token) openSession();
    throw error;
  }
}

/** A request whose loss does not matter. */
async function quiet(method, path, options = {}) {
  if (session) await request(method, path, { body: {}, ...options }).catch(() => {});
}

/** Something the shopper asks for besides a reply; whatever hinders it is said, and false returned. */
async function wish(deed) {
  try {
    const answer = await deed();
    if (answer?.state) settle(answer.state);
    return true;
  } catch (error) {
    const words = error instanceof Refused && !error.passing && error.message;
    told(words || say(error.status === 429 ? "busy" : "failed"));
    return false;
  }
}

const post = (path, body = {}) => request("POST", path, { body });

/* ---- messages ---- */

function receive(message, { quietly = false } = {}) {
  const isNew = log.add(message);
  session.lastId = message.id;
  session.last = message;
  if (!isNew || quietly || message.author === "shopper") return;
  tell("message", { author: message.author });
  if (presence.looking()) {
    presence.seen();
    read();
  } else setUnread(unread + 1);
}

function receiveSent(message, state) {
  connection.restored();
  log.add(message);
  session.last = message;
  read();
  settle(state);
  email.offerLater({ open: desk.isOpen() });
  tell("message", { author: "shopper" });
}

/** Fetches what came since the last message; true when the portal answered. */
async function sync() {
  const current = session;
  if (!current) return false;
  try {
    const after = current.lastId ? `?after=${encodeURIComponent(current.lastId)}` : "";
    const answer = await request("GET", `messages${after}`);
    if (current !== session) return true;
    for (const message of answer.messages) receive(message);
    settle(answer.state);
    return true;
  } catch {
    return false;
  }
}

/** Shows what the portal says of the conversation beside its messages. */
function settle(state) {
  progress.show(state.status, state);
  email.setKnown(state.has_email);
  email.setAwaited(state.person.awaited);
  if (!progress.waiting()) email.answered();
  desk.show(state);
  rating.show(state, session.last);
  log.showRequests(state.requests ?? []);
  menu.showEntry("mail-transcript", Boolean(state.mail_to));
  quick.update();
}

/** How many replies came after the message that was last on a screen. */
function missedIn(messages, seen) {
  const at = messages.findIndex((message) => message.id === seen);
  return seen && at >= 0 ? messages.slice(at + 1).filter((message) => message.author !== "shopper").length : 0;
}

/** What there is has been on a screen now. */
function read() {
  setUnread(0);
  if (session?.last) storage.keepSeen(session.conversation, session.last.id);
}

function setUnread(count) {
  if (count === unread) return;
  unread = count;
  tell("unread", count);
}

function onEvent(name) {
  if (name === "reply:drafting") progress.show("drafting");
  else if (name === "reply:checking") progress.show("checking");
  else if (name === "operator:typing") progress.operatorTyping();
  else if (name === "message:posted" || name === "resync" || name.startsWith("conversation:") || name === "request:moved") sync();
}

function send(text) {
  const ids = photos.ids();
  session.outbox.add(text || say("photoOnly"), ids.length ? { photos: ids } : {});
  photos.clear();
  composer.measure();
  quick.update();
}

async function askPerson() {
  menu.close();
  if (!(await wish(() => post("person")))) return;
  if (desk.isOpen()) composer.focus();
  else email.ask();
}

/* ---- the loader outside ---- */

function resized({ fullScreen, cart: hasCart }) {
  document.documentElement.classList.toggle("full-screen", Boolean(fullScreen));
  cart.offer(Boolean(hasCart));
}

function shown(data) {
  const { opened, quietly } = data;
  resized(data);
  presence.setShown(opened);
  if (!opened) return;
  read();
  log.toEnd();
  sync();
  if (!quietly) takeFocus();
}

/** To where one writes; with a finger only into the chat, since a keyboard would cover half of it. */
function takeFocus() {
  if (matchMedia("(pointer: coarse)").matches) document.getElementById("scroller").focus({ preventScroll: true });
  else composer.focus();
}

hear("start", (data) => {
  identity = data.identity || null;
  shown(data);
  openSession();
});
hear("identify", (data) => {
  const next = data.identity || null;
  if (next === identity) return;
  const sameShopper = next && storage.slotOf(next) === storage.slotOf(identity);
  // Signing out leaves nothing behind for the next person at this screen.
  if (!next) storage.forgetToken(storage.slotOf(identity));
  identity = next;
  if (!sameShopper) openSession();
});
hear("shown", shown);
hear("hidden", (data) => {
  shown(data);
  email.offer();
});
hear("resized", resized);
hear("added", cart.answered);

/* ---- the page ---- */

document.getElementById("photos").append(photos.box);
bindPhotos(() => session?.token);
ask.bind({
  request: (...given) => (session ? request(...given) : Promise.reject(new TypeError())),
  confirmed({ text, asked }) {
    session?.outbox.add(text, { asked });
    quick.update();
    composer.focus();
  },
});
cards.bind(ask);
composer.bind({
  photos: () => photos.ids().length > 0 && !photos.busy,
  send: (text) => ((early = !session) ? composer.setText(text) : send(text)),
  typed: (text) => (early = false) || (session && storage.keepTypedText(session.slot, text)),
  typing: () => quiet("POST", "typing"),
});
quick.bind({
  send: (text) => {
    if (session) send(text);
    composer.focus();
  },
});
desk.bind({ askPerson });
email.bind({ save: (address) => post("email", { email: address }) });
rating.bind({
  solved: () => wish(() => post("resolve")),
  rate: async (given) => settle((await post("rating", given)).state),
  focus: composer.focus,
});
for (const button of document.querySelectorAll("[data-orders]")) button.addEventListener("click", ask.orders);
menu.bind({
  "my-orders": ask.orders,
  download: () => wish(() => keep.download(session.token)),
  "mail-transcript": () => wish(async () => told(await keep.mail(request))),
  print: () => window.print(),
  "ask-erase": erase.ask,
});
erase.bind({ erase: () => wish(async () => told((await post("erasure")) && say("erasureAsked"))) });
connection.bind({ retry: () => window.dispatchEvent(new Event("online")) });

document.getElementById("close").addEventListener("click", () => tell("close"));
document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (menu.isOpen()) menu.close({ focus: true });
    else tell("close");
  } else if (event.key === "Tab" && document.documentElement.classList.contains("full-screen")) keepInside(event);
});

tell("hello");
