// Small help for building elements without markup strings.

/** element("button", {class: "button", onclick: f, hidden: true}, ["text", child]) */
export function element(name, attributes = {}, children = []) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node[key] = value;
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...[children].flat().filter((child) => child !== null));
  return node;
}

/** Set text only when it changed, so that live regions do not repeat themselves. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
