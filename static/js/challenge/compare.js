// A result over its input, parted by a line that moves.

const above = document.getElementById("above");
const where = document.getElementById("where");

where.addEventListener("input", () => {
  above.style.clipPath = `inset(0 ${100 - Number(where.value)}% 0 0)`;
});
