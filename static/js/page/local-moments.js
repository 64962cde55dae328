// Moments in the reader's own time zone: <time datetime="..." data-local>.

import { language } from "./texts.js";

/** Write every such moment of the page in the reader's zone and language. */
export function localMoments() {
  const form = new Intl.DateTimeFormat(language, {
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.textContent = form.format(new Date(time.dateTime));
  }
}
