// The moderators' tray: what they are told of, newest first. For others there is nothing to open.

import { find } from "./dom.js";
import * as message from "./message.js";

export class Desk {
  #told = new Map();

  constructor(does) {
    this.does = does;
    find("desk-open").addEventListener("click", () => this.open(find("desk").hidden));
    // From anywhere: what is open over it takes the key first.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || find("desk").hidden) return;
      if (document.querySelector("dialog[open], :popover-open")) return;
      event.stopPropagation();
      this.open(false);
      find("desk-open").focus();
    }, true);
  }

  open(opens) {
    find("desk").hidden = !opens;
    document.body.classList.toggle("desk-open", opens);
    find("desk-open").setAttribute("aria-expanded", String(opens));
  }

  clear() {
    this.#told.clear();
    find("desk-list").replaceChildren();
  }

  draw({ moderates, messages }) {
    find("desk-open").hidden = !moderates;
    if (!moderates) this.open(false);
    const there = new Set(messages.map((view) => view.id));
    for (const id of Array.from(this.#told.keys()).filter((one) => !there.has(one))) this.#told.delete(id);
    for (const view of messages) this.#put(view);
    find("desk-list").replaceChildren(...messages.map((view) => this.#told.get(view.id)));
    find("desk-empty").hidden = messages.length > 0;
    const open = messages.filter((view) => view.state === "event").length;
    find("desk-count").textContent = open ? String(open) : "";
  }

  #put(view) {
    const known = this.#told.get(view.id);
    if (known && known.view.version === view.version && same(known.view, view)) return;
    if (known) message.update(known, view, this.does);
    else this.#told.set(view.id, message.make(view, this.does));
  }
}

const same = (a, b) => JSON.stringify(a.actions) === JSON.stringify(b.actions) && a.sentence === b.sentence;
