// Times and days in the shopper's language and time zone.

import { config } from "./config.js";

export const clock = new Intl.DateTimeFormat(config.locale, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(config.locale, { weekday: "long", month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat(config.locale, { weekday: "long" });
const relative = new Intl.RelativeTimeFormat(config.locale, { numeric: "auto" });

function daysFromToday(at) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  return Math.round((midnight(at) - midnight(new Date())) / 86_400_000);
}

/** "Today", "Yesterday", or the date. */
export function dayName(at) {
  const days = daysFromToday(at);
  if (days !== 0 && days !== -1) return calendar.format(at);
  const name = relative.format(days, "day");
  return name[0].toLocaleUpperCase(config.locale) + name.slice(1);
}

/** When somebody is back: "9:00", "tomorrow 9:00", "Monday 9:00", or the date and time. */
export function comingTime(at) {
  const days = daysFromToday(at);
  if (days <= 0) return clock.format(at);
  const day = days === 1 ? relative.format(1, "day") : (days < 7 ? weekday : calendar).format(at);
  return `${day} ${clock.format(at)}`;
}
