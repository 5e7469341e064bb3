// The gallery: one's own pictures, everybody's, or what one keeps; by day, searched by words, without an end.

import { el, say } from "./dom.js";
import * as message from "./message.js";
import { ask } from "./net.js";

const SHELVES = ["own", "everyone", "favourites"];
const PAUSE_MS = 250; // after the last letter of a search

export class Gallery {
  #shelf = "own";
  #words = "";
  #older = null;
  #turn = 0;
  #seen = new Set();
  #watch = null;
  #last = { day: "", list: null };

  constructor(place, { person, does }) {
    Object.assign(this, { person, does });
    this.found = el("div", { class: "shelves" });
    this.more = el("p", { class: "buttons more" },
      el("button", { type: "button", onclick: () => this.#next() }, say("gallery-older")));
    this.more.hidden = true;
    place.append(this.#tools(), this.found, this.more);
    this.#watch = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && this.#next(), { rootMargin: "600px" });
    this.#watch.observe(this.more);
    this.#begin();
  }

  close() {
    this.#watch.disconnect();
    this.#turn += 1;
  }

  #tools() {
    let waits = 0;
    const tabs = SHELVES.map((shelf) => el("label", {},
      el("input", {
        type: "radio", name: "shelf", value: shelf, checked: shelf === this.#shelf,
        onchange: () => {
          this.#shelf = shelf;
          this.#begin();
        },
      }), el("span", {}, say(`gallery-${shelf}`))));
    return el("form", { class: "gallery-tools", role: "search", onsubmit: (event) => event.preventDefault() },
      el("div", { class: "tabs", role: "radiogroup", "aria-label": say("gallery-whose") }, ...tabs),
      el("input", {
        type: "search", maxlength: "200", placeholder: say("gallery-search"), "aria-label": say("gallery-search"),
        oninput: (event) => {
          clearTimeout(waits);
          waits = setTimeout(() => {
            this.#words = event.target.value.trim();
            this.#begin();
          }, PAUSE_MS);
        },
      }));
  }

  #begin() {
    this.#turn += 1;
    this.#older = null;
    this.#seen.clear();
    this.#last = { day: "", list: null };
    this.found.replaceChildren(el("p", { class: "about" }, say("loading")));
    this.more.hidden = true;
    this.#load(this.#turn, true);
  }

  #next() {
    if (this.#older === null) return;
    const before = this.#older;
    this.#older = null;
    this.#load(this.#turn, false, before);
  }

  async #load(turn, first, before = null) {
    const query = new URLSearchParams({ shelf: this.#shelf, words: this.#words, before: before ?? "" });
    const content = await ask(`/page/gallery?${query}`, this.person()).catch(() => null);
    if (turn !== this.#turn) return;
    if (first) this.found.replaceChildren();
    if (!content) {
      this.#older = before;
      this.more.hidden = before === null;
      if (first) this.found.append(el("p", { class: "about" }, say("place-unreached")));
      return;
    }
    content.messages.forEach((view) => this.#put(view));
    if (first && !content.messages.length) this.found.append(this.#empty());
    this.#older = content.older;
    this.more.hidden = content.older === null;
  }

  #empty() {
    return el("p", { class: "about" }, this.#words ? say("gallery-none", { what: this.#words }) : say(`gallery-empty-${this.#shelf}`));
  }

  #put(view) {
    if (this.#seen.has(view.id)) return;
    this.#seen.add(view.id);
    const name = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" }).format(new Date(view.at * 1000));
    if (name !== this.#last.day) {
      const list = el("ul", { class: "gallery" });
      this.#last = { day: name, list };
      this.found.append(el("h3", {}, name), list);
    }
    this.#last.list.append(this.#tile(view));
  }

  #tile(view) {
    const [picture] = view.pictures.length ? view.pictures : view.originals;
    if (!picture) return "";
    const item = el("li", { class: view.spoiler ? "covered" : null });
    item.append(
      el("button", { type: "button", class: "picture", title: view.prompt, onclick: () => this.#show(view, item) },
        el("img", {
          src: picture.url, alt: picture.alt, width: picture.width || null, height: picture.height || null,
          loading: "lazy", decoding: "async",
        })),
      el("p", {}, view.prompt));
    return item;
  }

  /** The whole message, with all that can be pressed. */
  #show(view, item) {
    const box = el("dialog", { class: "shown", "aria-label": view.prompt });
    const close = () => box.close();
    const does = {
      ...this.does,
      press: (what, action) => {
        close();
        item.querySelector("button").focus(); // what is deleted goes from here, and can be taken back here
        if (!["favourite", "report", "delete"].includes(action.do)) location.hash = ""; // what comes of it stands in the chat
        this.does.press(what, action);
      },
    };
    const list = el("ol", {}, message.make(view, does));
    box.append(el("form", { method: "dialog" }, el("button", { class: "quiet close", "aria-label": say("close") }, "✕")), list);
    box.addEventListener("close", () => box.remove());
    box.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
    box.addEventListener("click", (event) => event.target === box && close());
    document.body.append(box);
    box.showModal();
  }
}
