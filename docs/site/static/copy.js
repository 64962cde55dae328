// A button on each block of code that copies it.
// Browsers have no clipboard for pages that come over plain HTTP from another machine.
const blocks = navigator.clipboard ? document.querySelectorAll("div.highlight") : [];
for (const block of blocks) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").textContent.trimEnd());
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
  block.append(button);
}
