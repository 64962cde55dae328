// The live page asks for what is new only while somebody can see it, and leaves alone what somebody reads.

/** The part that is replaced, as it is now. */
const live = () => document.getElementById("live");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== live()) return;
  if (document.hidden || live().querySelector("details[open]")) event.preventDefault();
});

// Where a table was scrolled to, and what had the focus, stay.
let scrolled = [];
let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
  scrolled = [...live().querySelectorAll(".scrolled")].map((part) => part.scrollLeft);
  const here = document.activeElement?.closest("a[href]");
  focused = (live().contains(here) && here?.getAttribute("href")) || "";
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [place, part] of live().querySelectorAll(".scrolled").entries()) {
    part.scrollLeft = scrolled[place] ?? 0;
  }
  if (focused) {
    [...live().querySelectorAll("a[href]")]
      .find((link) => link.getAttribute("href") === focused)
      ?.focus({ preventScroll: true });
  }
});
