// A ring with a gap, made of dots that differ from the others in what one kind of cone sees and in nothing else. Every
// dot has a brightness of its own, so that brightness tells nothing. Own patterns, drawn anew each time: they show who
// should be tested properly, and diagnose nothing.

import { SIDES } from "./acuity.js";

export const KINDS = ["protan", "deutan", "tritan"]; // without L, M or S cones
const NEEDED = 3; // read of each kind, in at most one more try
const GREY = 0.24; // of white, linear
const LIGHTER = 1.35; // a dot's brightness is between GREY / LIGHTER and GREY * LIGHTER

/** Linear sRGB to L, M, S, each 1 for white (Hunt, Pointer and Estevez, adapted to D65). */
const TO_CONES = normalised([
  [0.31399022, 0.63951294, 0.04649755],
  [0.15537241, 0.75789446, 0.08670142],
  [0.01775239, 0.10944209, 0.87256922],
]);
const FROM_CONES = inverse(TO_CONES);
/** How much more or less of it the cones get from the ring than from grey: as much as sRGB has room for, at most. */
const CONTRAST = { protan: 0.11, deutan: 0.11, tritan: 0.55 };

/** Linear R, G, B, before a dot's own brightness: [of the ring, of the others]. */
export function coloursOf(kind, flip = false) {
  if (kind === "control")
    return [
      [2.2 * GREY, 1.9 * GREY, 0.2 * GREY],
      [0.25 * GREY, 0.3 * GREY, 0.6 * GREY],
    ];
  const cone = KINDS.indexOf(kind);
  const shifted = (by) => {
    const cones = [GREY, GREY, GREY];
    cones[cone] *= 1 + by;
    return times(FROM_CONES, cones);
  };
  const by = flip ? -CONTRAST[kind] : CONTRAST[kind];
  return [shifted(by), shifted(-by)];
}

/** What the three kinds of cones get of a linear colour. */
export const conesOf = (colour) => times(TO_CONES, colour);

/** The order in which kinds are shown: first the ring that everybody sees, then the others mixed. */
function shuffled(random) {
  const all = KINDS.flatMap((kind) => Array(NEEDED).fill(kind));
  for (let end = all.length - 1; end > 0; end -= 1) {
    const other = Math.floor(random() * (end + 1));
    [all[end], all[other]] = [all[other], all[end]];
  }
  return all;
}

export class DotsTest {
  constructor(random = Math.random) {
    Object.assign(this, {
      random,
      queue: ["control", ...shuffled(random)],
      tries: Object.fromEntries(KINDS.map((kind) => [kind, NEEDED + 1])),
      result: { control: false, protan: 0, deutan: 0, tritan: 0 },
    });
    this.#turn();
  }

  /** The kind of the ring that is shown; null when the test is over. */
  get kind() {
    return this.queue[0] ?? null;
  }

  get done() {
    return this.kind === null;
  }

  answer(side) {
    const { kind } = this;
    const right = side === this.side;
    if (kind === "control") this.result.control = right;
    else {
      if (right) this.result[kind] += 1;
      // One miss may be a slip: once more, at the end.
      else if (this.tries[kind] > NEEDED) this.queue.push(kind);
      this.tries[kind] -= right ? 0 : 1;
    }
    this.queue.shift();
    this.#turn();
  }

  #turn() {
    this.side = SIDES[Math.floor(this.random() * SIDES.length)];
    this.flip = this.random() < 0.5;
  }
}

/** Dots in a circle of radius 1: [{x, y, radius, ring}], none over another. */
export function placeDots(side, random = Math.random) {
  const dots = [];
  const RADII = [0.052, 0.043, 0.034, 0.026];
  for (const radius of RADII)
    for (let tried = 0; tried < 900; tried += 1) {
      const [x, y] = [2 * random() - 1, 2 * random() - 1];
      if (Math.hypot(x, y) > 1 - radius) continue;
      const free = dots.every((dot) => Math.hypot(dot.x - x, dot.y - y) > dot.radius + radius + 0.006);
      if (free) dots.push({ x, y, radius, ring: inRing(x, y, side) });
    }
  return dots;
}

function inRing(x, y, side) {
  const distance = Math.hypot(x, y);
  if (distance < 0.36 || distance > 0.76) return false;
  const [along, across] = { up: [-y, x], right: [x, y], down: [y, x], left: [-x, y] }[side];
  return !(along > 0 && Math.abs(across) < 0.22);
}

/** Draw a ring of dots that fills the canvas. */
export function drawDots(context, kind, side, { flip = false, random = Math.random } = {}) {
  const { width, height } = context.canvas;
  context.fillStyle = "rgb(150 150 150)";
  context.fillRect(0, 0, width, height);
  if (kind === null) return;
  const half = Math.min(width, height) / 2;
  const [ring, others] = coloursOf(kind, flip);
  for (const dot of placeDots(side, random)) {
    const light = LIGHTER ** (kind === "control" ? 0 : 2 * random() - 1);
    const [r, g, b] = (dot.ring ? ring : others).map((value) => encoded(value * light));
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    context.beginPath();
    context.arc(width / 2 + dot.x * half, height / 2 + dot.y * half, dot.radius * half, 0, 2 * Math.PI);
    context.fill();
  }
}

/** A linear value as sRGB has it, 0 to 255. */
function encoded(value) {
  const part = Math.min(1, Math.max(0, value));
  return Math.round(255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055));
}

function times(matrix, vector) {
  return matrix.map((row) => row.reduce((sum, value, at) => sum + value * vector[at], 0));
}

function normalised(matrix) {
  return matrix.map((row) => {
    const sum = row.reduce((total, value) => total + value, 0);
    return row.map((value) => value / sum);
  });
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]) {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ].map((row) => row.map((value) => value / determinant));
}
