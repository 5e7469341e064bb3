// Pictures that are given with an order: chosen, dropped or pasted; sent up at once, so that the order itself is quick.

import { announce, el, say } from "./dom.js";
import { Refused, upload } from "./net.js";

const MOST = 16; // as many as any model takes; how many this one takes is the server's to say

/** The picture files of a paste or a drop. */
export const filesOf = (transfer) => Array.from(transfer?.files ?? []).filter((file) => file.type.startsWith("image/"));

/** Whether a drag brings files. */
export const bringsFiles = (event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");

/** A row of given pictures. `person()` says who gives them, `changed()` hears of each change, `refuse(text)` of each no. */
export class Tray {
  #root;
  #given = [];

  constructor(root, { person, changed, refuse }) {
    this.#root = root;
    this.person = person;
    this.changed = changed;
    this.refuse = refuse;
  }

  /** What an order says of them. */
  get sources() {
    return this.#given.filter((one) => one.ref).map(({ ref, use }) => ({ ref, use }));
  }

  /** How many count as pictures: a mask does not. */
  get count() {
    return this.#given.length;
  }

  /** Resolves when nothing is on its way any more. */
  async settled() {
    await Promise.all(this.#given.map((one) => one.done));
  }

  async add(files) {
    const room = MOST - this.#given.length;
    if (files.length > room) this.refuse(say("pictures-most", { count: MOST }));
    await Promise.all(Array.from(files).slice(0, Math.max(0, room)).map((file) => this.#give(file)));
  }

  clear() {
    this.#given = [];
    this.#draw();
  }

  #give(file) {
    const one = { name: file.name, ref: "", url: "", use: "picture" };
    one.done = this.#send(one, file);
    this.#given.push(one);
    this.#draw();
    return one.done;
  }

  async #send(one, file) {
    try {
      Object.assign(one, await upload("/page/upload", this.person(), file));
      announce(say("picture-added", { name: file.name }));
      this.#draw();
    } catch (error) {
      this.#drop(one);
      this.refuse(error instanceof Refused ? error.message : say("unsent"));
    }
  }

  #drop(one) {
    this.#given = this.#given.filter((other) => other !== one);
    this.#draw();
  }

  #draw() {
    this.#root.hidden = this.#given.length === 0;
    this.#root.replaceChildren(...this.#given.map((one, place) =>
      el("li", { data: { state: one.ref ? "there" : "coming" } },
        one.url ? el("img", { src: one.url, alt: one.name || say("picture-given", { count: place + 1 }) }) : el("span", { class: "coming" }),
        el("button", {
          type: "button", class: "quiet", "aria-label": say("picture-remove", { name: one.name || place + 1 }),
          onclick: () => this.#drop(one),
        }, "✕"))));
    this.changed();
  }
}
