// What stands with the keys while judging: the ways to the list and the guidelines, whom to ask, and logging out.

import { element } from "../page/dom.js";
import { _ } from "../page/texts.js";

export const helpOf = (trial) => ({
  slots: () => trial.slots.length,
  ways: () => ways(trial),
  rest: () => contactAndLogout(trial.data),
});

const ways = ({ data: { links }, says }) => [
  element("a", { class: "button", href: links.overview }, says.all),
  element(
    "a",
    { class: "button", href: links.guidelines, target: "_blank", rel: "noopener" },
    _("Guidelines (new tab)"),
  ),
];

const contactAndLogout = ({ links, contact, csrf }) => [
  contact ? element("p", {}, _("Questions? Ask the organisers: %(contact)s", { contact })) : "",
  element("form", { method: "post", action: links.logout }, [
    element("input", { type: "hidden", name: "csrf_token", value: csrf }),
    element("button", { class: "button" }, _("Log out on this device")),
  ]),
];
