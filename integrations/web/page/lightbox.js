// A picture alone: the next and the one before, its words, and what can be done with it.

import { el, find, say } from "./dom.js";
import { tilesOf } from "./message.js";

export class Lightbox {
  #box = find("lightbox");
  #image = this.#box.querySelector("img");
  #view = null;
  #place = 0;

  constructor(press) {
    this.press = press;
    find("before").addEventListener("click", () => this.#turn(-1));
    find("after").addEventListener("click", () => this.#turn(1));
    this.#box.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.#turn(-1);
      if (event.key === "ArrowRight") this.#turn(1);
    });
    this.#box.addEventListener("click", (event) => {
      if (event.target === this.#box || event.target.localName === "figure") this.#box.close();
    });
  }

  /** Opens one picture of a message, counted from 0. */
  open(view, place) {
    this.#view = view;
    this.#place = place;
    this.#draw();
    this.#box.showModal();
  }

  #turn(by) {
    const count = tilesOf(this.#view).length;
    this.#place = (this.#place + by + count) % count;
    this.#draw();
  }

  #draw() {
    const pictures = tilesOf(this.#view);
    const { url, alt, width, height } = pictures[this.#place];
    Object.assign(this.#image, { src: url, alt, width, height });
    const several = pictures.length > 1;
    for (const name of ["before", "after"]) find(name).hidden = !several;
    find("lightbox-words").textContent = this.#view.prompt ?? "";
    find("lightbox-count").textContent = several ? `${this.#place + 1} / ${pictures.length}` : "";
    find("lightbox-acts").replaceChildren(
      el("a", { href: url, download: "" }, say("download")),
      ...this.#acts(several).map((action) => el("button", {
        type: "button", "data-act": action.do,
        onclick: () => {
          this.#box.close();
          this.press(this.#view, action);
        },
      }, action.label)));
  }

  /** What goes on from this one picture. */
  #acts(several) {
    const index = this.#place + 1;
    const named = (what, which, label) => {
      const found = this.#view.actions?.find((action) => action.do === what && (!which || action.index === which));
      return found && { ...found, index: several ? index : found.index, label: label ?? found.label };
    };
    const which = several ? index : 0;
    return [named("edit", 0), named("vary", which, say("vary")), several && named("pick", which, say("alone"))].filter(Boolean);
  }
}
