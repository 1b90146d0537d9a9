// Builds elements; whatever is put into them is text and never markup.

export const $ = (id) => document.getElementById(id);

export function make(tag, { class: name, dataset = {}, on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  Object.assign(element.dataset, dataset);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(attribute, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(attribute, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function say(id, text) {
  const element = typeof id === "string" ? $(id) : id;
  if (element.textContent !== text) element.textContent = text; // untouched, a selection in it stays
}

// ---------------------------------------------------------------- words and units

export const words = (name) => (name ?? "").replaceAll("_", " ");

export function seconds(value) {
  if (value < 0.0995) return `${(value * 1000).toFixed(value < 0.00995 ? 1 : 0)} ms`;
  return value < 10 ? `${value.toFixed(2)} s` : `${value.toFixed(1)} s`;
}

export function bytes(value) {
  if (value < 1024) return `${value} B`;
  const units = ["KiB", "MiB", "GiB"];
  let size = value / 1024;
  while (size >= 1023.5 && units.length > 1) {
    size /= 1024;
    units.shift();
  }
  return `${size.toFixed(size < 9.95 ? 1 : 0)} ${units[0]}`;
}

export const count = (value) => Math.round(value).toLocaleString("en");

export function badge(verdict) {
  return make("span", { class: "badge", dataset: { verdict } }, words(verdict));
}

export function ending(result) {
  if (result.signal !== null) return `signal ${result.signal}`;
  return result.exit_code === null ? "–" : `exit ${result.exit_code}`;
}
