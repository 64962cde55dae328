// A result and its input, parted by a line: a slider, or the pointer on the picture, moves it.

const pictures = document.getElementById("compare");
const where = document.getElementById("where");

function part() {
  pictures.style.setProperty("--where", `${where.value}%`);
}

function follow(event) {
  if (event.buttons === 0) return;
  const { left, width } = pictures.getBoundingClientRect();
  where.value = (100 * (event.clientX - left)) / width;
  part();
}

where.addEventListener("input", part);
pictures.addEventListener("pointerdown", (event) => {
  pictures.setPointerCapture(event.pointerId);
  follow(event);
});
pictures.addEventListener("pointermove", follow);
pictures.addEventListener("dragstart", (event) => event.preventDefault());
part(); // a browser may have kept where it was
