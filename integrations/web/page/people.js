// Who one is: one button with what one can spend, and a menu of everybody with why one would be them.

import { el, find, say } from "./dom.js";
import { avatar } from "./message.js";
import { entry, pop } from "./pop.js";

export class People {
  #button = find("me");
  #rows = [];
  #me = "";

  constructor(become) {
    this.become = become;
    this.panel = pop(this.#button, { label: say("people"), fill: () => this.#entries() });
  }

  /** Takes everybody's credits; answers what the person at the page can spend. */
  draw(rows, me) {
    this.#rows = rows;
    this.#me = me;
    const mine = rows.find((row) => row.id === me);
    if (!mine) return null;
    this.panel.setAttribute("aria-label", say("people"));
    this.#button.dataset.person = me;
    this.#button.replaceChildren(avatar(mine.id, mine.name), el("span", { class: "name" }, mine.name), " ", purse(mine));
    return mine.available;
  }

  #entries() {
    return [
      ...this.#rows.map((row) => entry(
        { class: "person", checked: row.id === this.#me, data: { person: row.id }, take: () => this.become(row.id) },
        avatar(row.id, row.name),
        el("span", { class: "who" }, el("strong", {}, row.name), " ", el("small", {}, row.role)), purse(row),
        el("small", { class: "why" }, row.why))),
      el("p", { class: "about" }, say("people-about")),
    ];
  }
}

function purse(row) {
  const held = row.held ? ` · ${say("held", { credits: row.held })}` : "";
  return el("span", { class: "purse" }, `${say("credits", { credits: row.available })}${held}`);
}
