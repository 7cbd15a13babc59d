// "My orders" and what one may ask for them: a form, what will happen, the shopper's word.

import { Refused } from "./api.js";
import { drawCards } from "./cards.js";
import { learn, say } from "./config.js";
import { make, makeButton } from "./dom.js";
import { PhotoPicker } from "./photos.js";

const WITH_PHOTOS = new Set(["refund", "return", "exchange"]);
const ADDRESS = ["name", "line1", "line2", "postal_code", "city", "region", "country", "phone"];
const AUTOCOMPLETE = {
  line1: "address-line1",
  line2: "address-line2",
  postal_code: "postal-code",
  city: "address-level2",
  region: "address-level1",
  country: "country-name",
  phone: "tel",
};
const REQUIRED = new Set(["name", "line1", "city"]);

const dialog = document.getElementById("ask");
const title = document.getElementById("ask-title");
const body = document.getElementById("ask-body");
let request; // the session's: (method, path, options) → answer
let confirmed; // what to do with a confirmed request
let picker = null;
let attempt = 0; // grows with each view, so that an answer to an older one is dropped

export function bind(given) {
  ({ request, confirmed } = given);
  document.getElementById("ask-close").addEventListener("click", () => dialog.close());
}

export function isOpen() {
  return dialog.open;
}

/** The shopper's orders. */
export function orders() {
  open(say("myOrders"), "orders", (answer) => {
    if (!answer.identified) return [make("p", "", say("signIn"))];
    return [drawCards(answer.orders) ?? make("p", "", say("noOrders"))];
  });
}

/** The form for `action` on the order of that number. */
export function start(action, number) {
  open(say(action), `order?number=${encodeURIComponent(number)}`, (form) => [drawForm(action, form, number)]);
}

/** The form for a new order of a product. */
export function place(id) {
  open(say("place_order"), `product?id=${encodeURIComponent(id)}`, (form) => [drawForm("place_order", form, "")]);
}

/** What a confirmed request would do by now. */
export function moved({ message, preview }, asked) {
  tellAll(preview, asked, null, "");
  body.prepend(make("p", "problem", message));
  if (!dialog.open) dialog.showModal();
}

async function open(heading, path, draw) {
  picker = null;
  const mine = show(heading, make("p", "muted", say("loading")));
  if (!dialog.open) dialog.showModal();
  try {
    const answer = await request("GET", path);
    learn(answer.words);
    if (mine === attempt) show(heading, ...draw(answer));
  } catch (error) {
    if (mine === attempt) show(heading, make("p", "problem", wordsOf(error)), makeButton("save", document.getElementById("retry").textContent, () => open(heading, path, draw)));
  }
}

function show(heading, ...parts) {
  attempt += 1;
  title.textContent = heading;
  body.replaceChildren(...parts);
  title.focus();
  return attempt;
}

const wordsOf = (error) => (error instanceof Refused && error.message) || say("failed");

/* ---- the form ---- */

function drawForm(action, form, number) {
  const made = make("form", "ask-form");
  made.noValidate = true;
  const problem = make("p", "problem");
  problem.setAttribute("role", "alert");
  if (action === "place_order") made.append(drawWish(form));
  else if (WITH_PHOTOS.has(action)) made.append(drawLines(action, form.lines));
  if (form.reasons?.[action]?.length) made.append(select("reason", say("reason"), form.reasons[action], say("choose")));
  if (action === "change_address" || action === "place_order") made.append(drawAddress());
  if ((action === "exchange" || action === "place_order") && form.methods.length)
    made.append(select("payment_method", say("payBy"), form.methods, say(action === "exchange" ? "asBefore" : "payLater")));
  if (WITH_PHOTOS.has(action)) {
    picker = new PhotoPicker({ request });
    made.append(picker.box);
  }
  const next = make("button", "save", say("next"));
  next.type = "submit";
  const row = make("div", "row");
  row.append(next);
  made.append(problem, row);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    lookAhead(action, number, made, next, problem);
  });
  return made;
}

function drawLines(action, lines) {
  const box = make("fieldset");
  box.append(make("legend", "", say("whichItems")));
  const open = lines.filter((line) => line.left[action] > 0);
  for (const line of open) {
    const row = make("div", "line");
    row.dataset.line = line.id;
    const label = make("label", "pick");
    const check = make("input");
    check.type = "checkbox";
    check.checked = open.length === 1;
    label.append(check, make("span", "", line.options ? `${line.title} (${line.options})` : line.title));
    row.append(label);
    const more = make("div", "more");
    more.hidden = !check.checked;
    if (line.left[action] > 1) more.append(howMany(line.left[action]));
    if (action === "exchange") {
      const choices = line.variants.map((each) => ({ value: each.id, label: `${each.label} · ${each.difference}` }));
      more.append(choices.length ? select("to_variant", say("instead"), choices, say("choose")) : make("p", "muted", say("noVariant")));
    }
    check.addEventListener("change", () => (more.hidden = !check.checked));
    row.append(more);
    box.append(row);
  }
  return box;
}

function drawWish(form) {
  const box = make("fieldset", "line");
  box.append(make("legend", "", form.title));
  const choices = form.variants.map((each) => ({ value: each.id, label: `${each.label} · ${each.difference}` }));
  box.append(select("to_variant", say("variant"), choices, choices.length > 1 ? say("choose") : null));
  box.append(howMany(Math.min(10, Math.max(1, ...form.variants.map((each) => each.stock))), 1));
  return box;
}

function howMany(most, preset = most) {
  const counts = Array.from({ length: Math.min(most, 99) }, (_, index) => ({ value: String(index + 1), label: String(index + 1) }));
  const made = select("quantity", say("quantity"), counts);
  made.querySelector("select").value = String(Math.min(preset, 99));
  return made;
}

function drawAddress() {
  const box = make("fieldset");
  box.append(make("legend", "", say("address")));
  for (const part of ADDRESS) {
    const label = make("label", "field-of", say(`address_${part}`));
    const input = make("input");
    input.name = part;
    input.autocomplete = AUTOCOMPLETE[part] ?? part;
    input.maxLength = 200;
    input.required = REQUIRED.has(part);
    label.append(input);
    box.append(label);
  }
  return box;
}

function select(name, text, choices, empty = null) {
  const label = make("label", "field-of", text);
  const made = make("select");
  made.name = name;
  for (const { value, label: words } of [...(empty === null ? [] : [{ value: "", label: empty }]), ...choices]) {
    const option = make("option", "", words);
    option.value = value;
    made.append(option);
  }
  label.append(made);
  return label;
}

/** The canonical request that the form says. */
function read(action, form) {
  const value = (name, from = form) => from.querySelector(`[name=${name}]`)?.value.trim() || undefined;
  const wish = { action };
  if (value("reason")) wish.reason = value("reason");
  if (value("payment_method")) wish.payment_method = value("payment_method");
  if (form.querySelector("[name=line1]"))
    wish.address = Object.fromEntries(ADDRESS.map((part) => [part, value(part)]).filter(([, given]) => given));
  if (action === "place_order") {
    wish.lines = [{ id: "n-1", quantity: Number(value("quantity")), to_variant: value("to_variant") }];
  } else if (WITH_PHOTOS.has(action)) {
    wish.lines = [...form.querySelectorAll(".line")]
      .filter((row) => row.querySelector("input").checked)
      .map((row) => ({ id: row.dataset.line, quantity: Number(value("quantity", row) ?? 1), to_variant: value("to_variant", row) }));
  }
  return wish;
}

function missing(wish, form) {
  if (wish.lines && !wish.lines.length) return say("whichItems");
  if (form.querySelector("[name=reason]") && !wish.reason) return say("chooseReason");
  const empty = [...form.querySelectorAll("input[required]")].find((input) => !input.value.trim());
  if (empty) {
    empty.focus();
    return say("fillAddress");
  }
  return picker?.busy ? say("photoBusy") : "";
}

/* ---- what will happen ---- */

async function lookAhead(action, number, form, button, problem) {
  const wish = read(action, form);
  problem.textContent = missing(wish, form);
  if (problem.textContent || button.disabled) return;
  const photos = picker?.ids() ?? [];
  const asked = { order: number, request: wish, photos };
  button.disabled = true;
  const mine = attempt;
  try {
    const found = await request("POST", "requests/preview", { body: asked });
    if (mine === attempt) tellAll(found, asked, form, title.textContent);
  } catch (error) {
    problem.textContent = wordsOf(error);
  } finally {
    button.disabled = false;
  }
}

function tellAll(found, asked, form, heading) {
  const list = make("ul", "says");
  for (const sentence of found.says) list.append(make("li", "", sentence));
  const row = make("div", "row");
  if (form) row.append(makeButton("plain", say("back"), () => show(heading, form)));
  const parts = [make("p", "asked", found.text), list, row];
  if (found.may_confirm) {
    row.append(
      makeButton("save", say("confirm"), () => {
        dialog.close();
        confirmed({ text: found.text, asked: { ...asked, seen: found.seen } });
      }),
    );
    parts.splice(2, 0, make("p", "muted", say("confirmNote")));
  } else if (found.outcome !== "ask") {
    row.append(makeButton("plain", say("close"), () => dialog.close()));
  }
  show(say(found.may_confirm ? "willHappen" : found.outcome === "ask" ? "missing" : "notPossible"), ...parts);
}
