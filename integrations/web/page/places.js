// The places beside the chat: gallery, models, credits, moderation. The address names the place, so that "back" works.

import { Gallery } from "./gallery.js";
import { announce, el, find, say } from "./dom.js";
import { ask } from "./net.js";
import { drawCredits } from "./statement.js";
import { drawModels } from "./models.js";
import { drawModeration } from "./moderation.js";

const NAMES = ["gallery", "models", "credits", "moderation"];

/** Opens a place instead of the chat, and the chat again. */
export class Places {
  #open = "";
  #gallery = null;

  /** `person` answers who looks, `known` what the page knows of models, `does` presses and says. */
  constructor({ person, known, does }) {
    Object.assign(this, { person, known, does });
    window.addEventListener("hashchange", () => this.follow());
    find("place").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.leave();
    });
  }

  /** Whether this person has something to moderate: only then the place is offered. */
  moderates(is) {
    find("to-moderation").hidden = !is;
    if (!is && this.#open === "moderation") this.leave();
  }

  /** Goes to the chat. */
  leave() {
    if (this.#open) location.hash = "";
  }

  /** Shows what the address names. */
  follow({ anew = false } = {}) {
    const name = NAMES.find((one) => location.hash === `#${one}`) ?? "";
    if (name === this.#open && !anew) return; // an address of a message leads into the chat
    this.#open = name;
    this.#gallery?.close();
    this.#gallery = null;
    for (const link of find("places").querySelectorAll("a")) {
      if (link.hash.slice(1) === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.body.classList.toggle("in-place", Boolean(name));
    document.querySelector("main").hidden = Boolean(name);
    find("place").hidden = !name;
    if (!name) return;
    find("place").replaceChildren(el("h2", { tabindex: "-1" }, say(`place-${name}`)));
    find("place").querySelector("h2").focus();
    announce(say(`place-${name}`));
    this.#draw(name);
  }

  async #draw(name) {
    const place = find("place");
    if (name === "gallery") {
      this.#gallery = new Gallery(place, { person: this.person, does: this.does });
      return;
    }
    const waiting = el("p", { class: "about" }, say("loading"));
    place.append(waiting);
    const asks = name === "moderation" ? [name, "room"] : [name];
    const [content, room] = await Promise.all(asks.map((one) => ask(`/page/${one}`, this.person()).catch(() => null)));
    if (this.#open !== name) return;
    waiting.remove();
    if (!content) {
      place.append(el("p", { class: "about" }, say("place-unreached")), el("p", { class: "buttons" },
        el("button", { type: "button", onclick: () => this.follow({ anew: true }) }, say("resend"))));
      return;
    }
    const again = () => this.follow({ anew: true });
    const draw = { models: drawModels, credits: drawCredits, moderation: drawModeration }[name];
    place.append(...draw(content, { known: this.known, does: this.does, again, told: room?.messages ?? [] }));
  }
}
