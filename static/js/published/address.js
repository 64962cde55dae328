// What is compared, and where, as the page's address says it: whoever is sent the address sees the same. Pure functions.

export const VIEWS = ["grid", "versus", "blink", "split"];
export const ORDERS = ["ranking", "image", "name"];
export const OVER = ["regions", "marks"];
export const ALL = "all";

/**
 * @typedef {object} Address
 * @property teams names of those that are shown; ALL; null: as the page begins
 * @property view one of VIEWS
 * @property shown names of those that stand in it, where it does not show all
 * @property order one of ORDERS
 * @property over what is drawn over the pictures, of OVER
 * @property at {x, y, scale} in image pixels; null: the whole image
 * @property blind whether names are hidden
 */

/** Read the part behind #; what makes no sense is left out. */
export function readAddress(hash) {
  const given = new Map(
    hash
      .replace(/^#/, "")
      .split("&")
      .map((part) => part.split("=", 2))
      .map(([name, value = ""]) => [name, value]),
  );
  const list = (name) => (given.get(name) ?? "").split(",").filter(Boolean).map(decoded);
  const oneOf = (name, values) => (values.includes(given.get(name)) ? given.get(name) : values[0]);
  const [x, y, scale] = ["x", "y", "scale"].map((name) => Number.parseFloat(given.get(name)));
  return {
    teams: given.get("teams") === ALL ? ALL : (given.has("team") && list("team")) || null,
    view: oneOf("view", VIEWS),
    shown: list("shown"),
    order: oneOf("order", ORDERS),
    over: list("over").filter((name) => OVER.includes(name)),
    at: [x, y, scale].every(Number.isFinite) && scale > 0 ? { x, y, scale } : null,
    blind: given.has("blind"),
  };
}

/** Write it, shortest first: what is as the page begins is left out. */
export function writeAddress({ teams, view, shown, order, over, at, blind }) {
  const list = (names) => names.map(encodeURIComponent).join(",");
  const parts = [
    teams === ALL && `teams=${ALL}`,
    Array.isArray(teams) && `team=${list(teams)}`,
    view !== VIEWS[0] && `view=${view}`,
    shown.length > 0 && `shown=${list(shown)}`,
    order !== ORDERS[0] && `order=${order}`,
    over.length > 0 && `over=${over.join(",")}`,
    at && `x=${rounded(at.x)}&y=${rounded(at.y)}&scale=${rounded(at.scale, 5)}`,
    blind && "blind",
  ].filter(Boolean);
  return parts.length ? `#${parts.join("&")}` : "";
}

const rounded = (value, digits = 1) => String(Number(value.toFixed(digits)));

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
