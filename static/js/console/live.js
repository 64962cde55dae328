// The live page asks for what is new only while somebody can see it, and leaves alone what somebody reads.

document.addEventListener("htmx:beforeRequest", (event) => {
  const live = document.getElementById("live");
  if (event.target !== live) return;
  if (document.hidden || live.querySelector("details[open]")) event.preventDefault();
});

// Where a table was scrolled to, and what had the focus, stay.
let scrolled = [];
let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
  scrolled = [...document.querySelectorAll("#live .scrolled")].map((part) => part.scrollLeft);
  const here = document.activeElement?.closest("#live a[href]");
  focused = here?.getAttribute("href") ?? "";
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [place, part] of document.querySelectorAll("#live .scrolled").entries()) {
    part.scrollLeft = scrolled[place] ?? 0;
  }
  if (focused) {
    [...document.querySelectorAll("#live a[href]")]
      .find((link) => link.getAttribute("href") === focused)
      ?.focus({ preventScroll: true });
  }
});
