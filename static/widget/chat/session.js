// Asking the portal for a session: with the token that this browser kept, and the identity that the shop signed.

import { call } from "./api.js";
import { config } from "./config.js";
import { ANONYMOUS, forgetToken, keepToken, slotOf, tokenOf } from "./storage.js";

/** The portal's answer, with the `slot` whose token opened it. */
export async function requestSession(identity) {
  const slot = slotOf(identity);
  const body = { storefront: config.storefront, locale: config.locale, origin: config.origin };
  if (identity) body.identity = identity;
  const token = tokenOf(slot) ?? tokenOf(ANONYMOUS);
  if (token) body.token = token;
  const answer = await call("POST", "sessions", { body });
  keepToken(slot, answer.token);
  if (slot !== ANONYMOUS && token === tokenOf(ANONYMOUS)) forgetToken(ANONYMOUS);
  return { ...answer, slot };
}
