// Buttons that copy a link, moments in the reader's own time zone, and that zone where one is asked for.

import { localMoments } from "../page/local-moments.js";
import { _ } from "../page/texts.js";

localMoments();

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.parentElement.querySelector(".copied") ?? document.querySelector(".copied");
    if (said) said.textContent = _("Copied.");
  });
}

const own = document.querySelector("input[data-zone='own']");
if (own) own.value = Intl.DateTimeFormat().resolvedOptions().timeZone || own.value;
