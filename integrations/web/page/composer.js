// The line where people type: suggestions as a combobox, the price as it will be, sent by Enter.

import { el, find, say } from "./dom.js";
import { hintsFor, priceOf } from "./hints.js";
import { Tray, bringsFiles, filesOf } from "./pictures.js";

export class Composer {
  #box = find("box");
  #list = find("hints");
  #price = find("price");
  #hints = [];
  #active = -1;
  #past = [];
  #known = { models: [], styles: [], flags: [], shapes: [] };
  #available = null;

  constructor({ onSend, person, refuse }) {
    this.onSend = onSend;
    this.tray = new Tray(find("tray"), { person, changed: () => this.#tellPrice(), refuse });
    this.#takeFiles();
    this.#box.addEventListener("input", () => this.#suggest());
    this.#box.addEventListener("focus", () => this.#suggest());
    this.#box.addEventListener("blur", () => this.#show([]));
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("pointerdown", (event) => this.#pointed(event));
    find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  /** Takes what can be ordered, and what the person can spend. */
  learn(known, available) {
    this.#known = known ?? this.#known;
    this.#available = available;
    this.#tellPrice();
  }

  /** Puts a text into the line, to be changed or sent. */
  fill(text) {
    this.#box.value = text;
    this.#box.focus();
    this.#suggest();
  }

  /** What was refused comes back, with the cursor on its fault; what was typed meanwhile stays. */
  giveBack(text, fault) {
    if (this.#box.value.trim()) return;
    this.fill(text);
    const at = fault ? text.indexOf(fault) : -1;
    if (at >= 0) this.#box.setSelectionRange(at, at + fault.length);
  }

  /** Pictures come by choosing, pasting, or dropping them anywhere on the page. */
  #takeFiles() {
    const files = find("files");
    files.addEventListener("change", () => {
      this.#give(files.files);
      files.value = "";
    });
    this.#box.addEventListener("paste", (event) => {
      const pasted = filesOf(event.clipboardData);
      if (!pasted.length) return;
      event.preventDefault();
      this.#give(pasted);
    });
    const drops = (over) => document.body.classList.toggle("dropping", over);
    document.addEventListener("dragover", (event) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      drops(true);
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget || drops(false));
    document.addEventListener("drop", (event) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      drops(false);
      this.#give(filesOf(event.dataTransfer));
    });
  }

  #give(files) {
    // The list of an input empties with it.
    this.tray.add(Array.from(files));
    this.#box.focus();
  }

  async #send() {
    const text = this.#box.value.trim();
    if (!text) return;
    await this.tray.settled();
    const pictures = this.tray.sources;
    this.tray.clear();
    this.#past = [text, ...this.#past.filter((line) => line !== text)].slice(0, 20);
    this.#box.value = "";
    this.#show([]);
    this.#tellPrice();
    this.onSend(text, pictures);
  }

  #suggest() {
    this.#show(hintsFor(this.#box.value, this.#known));
    this.#tellPrice();
  }

  #tellPrice() {
    const price = priceOf(this.#box.value, this.#known, this.tray.count);
    this.#price.textContent = price ? `${price.model} · ${say("credits", { credits: price.credits })}` : "";
    this.#price.toggleAttribute("data-short", Boolean(price) && this.#available !== null && price.credits > this.#available);
  }

  #show(hints) {
    this.#hints = hints;
    this.#active = -1;
    this.#list.hidden = hints.length === 0;
    this.#box.setAttribute("aria-expanded", String(hints.length > 0));
    this.#box.removeAttribute("aria-activedescendant");
    this.#list.replaceChildren(...hints.map((hint, place) =>
      el("li", { role: "option", id: `hint-${place}`, "aria-selected": "false", data: { place } },
        hint.picture ? el("img", { src: `/page/file/${hint.picture}`, alt: "", width: 72, height: 54 }) : null,
        el("strong", {}, hint.take), hint.about ? el("span", {}, hint.about) : null)));
  }

  #key(event) {
    const { key } = event;
    if (event.isComposing) return;
    if (key === "Escape") return this.#show([]);
    if (key === "ArrowUp" && !this.#box.value && this.#past.length) return this.#recall(event);
    if (!this.#hints.length) return;
    if (key === "ArrowDown" || key === "ArrowUp") return this.#step(event, key === "ArrowDown" ? 1 : -1);
    if (key === "Tab" && !event.shiftKey && this.#active >= 0) return this.#take(event, this.#active);
    if (key === "Enter" && this.#active >= 0) this.#take(event, this.#active);
  }

  #recall(event) {
    event.preventDefault();
    this.fill(this.#past[0]);
  }

  #step(event, by) {
    event.preventDefault();
    const count = this.#hints.length;
    this.#active = this.#active < 0 ? (by > 0 ? 0 : count - 1) : (this.#active + by + count) % count;
    Array.from(this.#list.children).forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.#active));
      if (place === this.#active) option.scrollIntoView({ block: "nearest" });
    });
    this.#box.setAttribute("aria-activedescendant", `hint-${this.#active}`);
  }

  #take(event, place) {
    event.preventDefault();
    this.fill(this.#hints[place].text);
  }

  #pointed(event) {
    const option = event.target.closest("[data-place]");
    if (option) this.#take(event, Number(option.dataset.place));
  }
}
