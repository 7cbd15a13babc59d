// Products and orders under a message. What they show was read by the server when the message was fetched.

import { tell } from "./bridge.js";
import { drawButton } from "./cart.js";
import { config, say } from "./config.js";
import { make, makeButton, makeIcon, webAddress } from "./dom.js";

const BOX = ["M3 7.5 12 3l9 4.5v9L12 21l-9-4.5z", "M3 7.5 12 12l9-4.5M12 12v9"];
const TRUCK = ["M2 6h12v11H2zM14 10h4l4 4v3h-8", "M6 19.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM17 19.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"];
const OUT_OF_HAND = new Set(["delivered", "closed", "returned"]);
const GONE = new Set(["cancelled"]);
const CHECK = "m5 12 5 5L20 7";
const CROSS = "M6 6l12 12M18 6 6 18";
// The shop's day, as replies and the console have it: "placed on the 3rd" is not the 2nd where the shopper is.
const day = new Intl.DateTimeFormat(config.locale, { dateStyle: "medium", timeZone: config.timezone });

let ask = {}; // {start(action, number), place(id)}

export function bind(given) {
  ask = given;
}

/** Every card of `cards` that we know how to show; null when there is none. */
export function drawCards(cards) {
  const drawn = (cards ?? []).map((card) => DRAW[card.kind]?.(card)).filter(Boolean);
  if (!drawn.length) return null;
  const list = make("ul", "cards");
  for (const card of drawn) {
    const entry = make("li");
    entry.append(card);
    list.append(entry);
  }
  return list;
}

const DRAW = { product, order };

let products = 0;

function product(card) {
  const url = webAddress(card.url);
  const box = make("div", "card product");
  const title = make("span", "name", card.title);
  title.id = `product-${(products += 1)}`;
  const words = make("span", "words");
  words.append(title, make("span", "price", card.price));
  const stock = make("span", card.in_stock ? "stock" : "stock none");
  stock.append(makeIcon(card.in_stock ? CHECK : CROSS), say(card.in_stock ? "inStock" : "soldOut"));
  const ways = make("span", "ways");
  if (url) ways.append(wayTo(url, card, title.id));
  if (card.in_stock) ways.append(drawButton(card, title.id));
  if (card.order_here) {
    const here = makeButton("act", say("orderHere"), () => ask.place(card.id));
    here.setAttribute("aria-describedby", title.id);
    ways.append(here);
  }
  words.append(stock, ways);
  box.append(picture(card.image), words);
  return box;
}

/** The link to the product's page; it spans the whole card. */
function wayTo(url, card, describedBy) {
  const link = make("a", "open", say("openProduct"));
  link.href = url;
  // The shop's own page opens in its place, and the chat is there again; any other page gets a tab of its own.
  link.target = new URL(url).origin === config.origin ? "_top" : "_blank";
  link.rel = "noopener noreferrer";
  link.setAttribute("aria-describedby", describedBy);
  link.addEventListener("click", () => tell("product:clicked", { id: String(card.id), url }));
  return link;
}

function order(card) {
  const box = make("div", "card order");
  const head = make("div", "head");
  const name = make("span", "name", say("order", { number: card.number }));
  const state = make("span", `state ${card.status}`);
  const icon = OUT_OF_HAND.has(card.status) ? [CHECK] : GONE.has(card.status) ? [CROSS] : card.status === "shipped" ? TRUCK : BOX;
  state.append(makeIcon(...icon), card.status_text);
  head.append(name, state);
  const lines = make("ul", "lines");
  for (const line of card.lines ?? []) {
    const row = make("li");
    row.append(picture(line.image), make("span", "name", line.title), make("span", "quantity", `× ${line.quantity}`));
    lines.append(row);
  }
  box.append(head, lines, foot(card));
  for (const parcel of card.tracking ?? []) {
    const row = make("p", "parcel");
    const number = make("span", "number", parcel.number);
    number.dir = "ltr";
    row.append(makeIcon(...TRUCK), `${parcel.carrier} `, number);
    box.append(row);
  }
  if (card.actions?.length) {
    const ways = make("div", "acts");
    for (const action of card.actions) ways.append(makeButton("act", say(action), () => ask.start(action, card.number)));
    box.append(ways);
  }
  return box;
}

function foot(card) {
  const row = make("p", "foot");
  const placed = new Date(card.placed_at);
  row.append(
    make("span", "", Number.isNaN(placed.getTime()) ? "" : say("placedOn", { date: day.format(placed) })),
    make("span", "total", say("total", { amount: card.total })),
  );
  return row;
}

/** The picture, or an empty frame when there is none or it does not come. */
function picture(address) {
  const frame = make("span", "picture");
  const url = webAddress(address);
  const empty = () => frame.replaceChildren(makeIcon(...BOX));
  if (!url) {
    empty();
    return frame;
  }
  const image = make("img");
  image.alt = "";
  image.loading = "lazy";
  image.decoding = "async";
  image.referrerPolicy = "no-referrer";
  image.addEventListener("error", empty);
  image.src = url;
  frame.append(image);
  return frame;
}
