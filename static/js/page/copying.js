// Buttons that copy a link or a token.

import { _ } from "./texts.js";

/** Let every button with `data-copy` copy that, where the browser can. */
export function copying() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const said = button.parentElement.querySelector(".copied") ?? document.querySelector(".copied");
      if (said) said.textContent = _("Copied.");
    });
  }
}
