// What is deleted goes a little later, so that it can be taken back: nobody else has seen it go meanwhile.

import { announce, el, say } from "./dom.js";

const GRACE_MS = 8000;

export class Deletions {
  #waiting = new Map();

  constructor() {
    addEventListener("pagehide", () => this.flush());
  }

  /** Whether a message is on its way out. */
  has(id) {
    return this.#waiting.has(id);
  }

  /** Takes an item out of sight, and does it when nobody has taken that back in time. */
  begin(item, id, act) {
    if (this.has(id)) return;
    const undo = el("button", { type: "button", onclick: () => this.#takeBack(id) }, say("undo"));
    const strip = el("p", { class: "undo" }, say("deleting"), " ", undo);
    item.classList.add("leaving");
    item.append(strip);
    const timer = setTimeout(() => this.#go(id), GRACE_MS);
    this.#waiting.set(id, { item, strip, timer, act });
    announce(say("deleting"));
    undo.focus();
  }

  /** It could not be done: the item stands there again. */
  end(item) {
    item.querySelector(":scope > .undo")?.remove();
    item.classList.remove("leaving");
  }

  /** Does what still waits, at once: its person leaves. */
  flush() {
    for (const id of Array.from(this.#waiting.keys())) this.#go(id);
  }

  #go(id) {
    const { strip, timer, act } = this.#waiting.get(id);
    clearTimeout(timer);
    this.#waiting.delete(id);
    strip.querySelector("button").disabled = true;
    act();
  }

  #takeBack(id) {
    const { item, timer } = this.#waiting.get(id);
    clearTimeout(timer);
    this.#waiting.delete(id);
    this.end(item);
    item.querySelector('[data-act="more"]')?.focus();
  }
}
