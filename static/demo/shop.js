// The chat's API, used as docs/embed.md says: calls wait in a queue until the loader has come.
window.CSPortal ??= function () {
  (window.CSPortal.q ??= []).push(arguments);
};

// Buttons that open the chat. They appear where scripts run; the launcher works without them.
for (const button of document.querySelectorAll("[data-chat-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.CSPortal("open"));
}

// How many replies wait, beside "Help" in the head of the page.
window.CSPortal("on", "unread", (count) => {
  for (const place of document.querySelectorAll("[data-chat-unread]")) {
    place.textContent = count ? String(count) : "";
    place.hidden = !count;
  }
});

// "Add to cart" on a product's card in the chat. Where the shopper has to choose first, the product's page opens;
// otherwise the shop's own basket takes it, and the chat reads whether it did.
window.CSPortal("on", "add_to_cart", async ({ variant, url }) => {
  if (!variant) {
    location.assign(url);
    return;
  }
  const form = new FormData();
  form.set("variant", variant);
  form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const { basket } = document.querySelector("[data-basket]").dataset;
  const answer = await fetch(basket, { method: "POST", body: form, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The basket said ${answer.status}.`);
  const { added, count } = await answer.json();
  for (const place of document.querySelectorAll("[data-basket-count]")) {
    place.textContent = String(count);
    place.hidden = !count;
  }
  return added;
});
