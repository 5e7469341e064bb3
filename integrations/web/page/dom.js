// Small helpers for making elements. Text is always put in as text: nothing typed becomes markup.

export const find = (id) => document.getElementById(id);

/** Makes an element: properties beginning with "on" listen, "data" fills the dataset, the rest are attributes. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

let words = {};

/** Takes the words of the person's language. */
export function speak(spoken) {
  words = spoken;
}

/** A number as the person's language writes it. */
export const number = (value) => value.toLocaleString(document.documentElement.lang);

/** Says one of them, with its facts filled in. */
export function say(word, facts = {}) {
  const told = (fact) => (typeof fact === "number" ? number(fact) : fact);
  return (words[word] ?? word).replace(/\{(\w+)\}/g, (hole, name) => told(facts[name]) ?? hole);
}

/** Puts the words of the person's language onto what the document brought along. */
export function translate() {
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of document.querySelectorAll("[data-say-label]")) {
    node.setAttribute("aria-label", say(node.dataset.sayLabel));
    if (node.title) node.title = say(node.dataset.sayLabel);
  }
  for (const node of document.querySelectorAll("[data-say-title]")) node.title = say(node.dataset.sayTitle);
  for (const node of document.querySelectorAll("[data-say-holder]")) node.placeholder = say(node.dataset.sayHolder);
}

/** Tells a screen reader, without moving anything on the page. */
export function announce(text) {
  const live = find("live");
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 60);
}

/** Something unguessable by which a request is known again. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
