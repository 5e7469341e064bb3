// The line where people type: suggestions, controls, the price as it will be; sent by Enter.

import { Controls } from "./controls.js";
import { announce, el, find, say } from "./dom.js";
import { givenWith, hintsFor, priceOf } from "./hints.js";
import { Tray, bringsFiles, filesOf } from "./pictures.js";

const ROW_PX = 38; // as high as a suggestion is

export class Composer {
  #box = find("box");
  #list = find("hints");
  #price = find("price");
  #hints = [];
  #active = -1;
  #past = [];
  #known = { models: [], styles: [], flags: [], shapes: [], commands: [], leading: {}, usual: { plain: [], masked: [] } };
  #available = null;

  constructor({ onSend, person, refuse }) {
    this.onSend = onSend;
    this.controls = new Controls(find("controls"), { write: (text) => this.#write(text) });
    this.tray = new Tray(find("tray"), { person, changed: () => this.#tell(), refuse });
    this.#takeFiles();
    this.#box.addEventListener("input", () => {
      this.#box.removeAttribute("aria-invalid");
      this.#suggest();
    });
    this.#box.addEventListener("focus", () => this.#suggest());
    this.#box.addEventListener("blur", () => this.#show([]));
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("pointerdown", (event) => this.#pointed(event));
    this.#list.addEventListener("wheel", (event) => this.#step(event, Math.sign(event.deltaY)));
    find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  /** Takes what can be ordered, and what the person can spend. */
  learn(known, available) {
    if (known) {
      this.#known = known;
      this.controls.learn(known);
    }
    this.#available = available;
    this.#tell();
  }

  /** Puts a text into the line, to be changed or sent. */
  fill(text) {
    this.#box.value = text;
    this.#box.focus();
    this.#suggest();
  }

  /** What was refused comes back, with the cursor on its fault; what was typed meanwhile stays. */
  giveBack(text, fault) {
    if (!text || this.#box.value.trim()) return;
    this.fill(text);
    this.#box.setAttribute("aria-invalid", "true");
    const at = fault ? text.indexOf(fault) : -1;
    if (at >= 0) this.#box.setSelectionRange(at, at + fault.length);
  }

  /** What was given back is gone on with in another way; what somebody has written since stays. */
  takeBack(text) {
    if (this.#box.value === text) this.fill("");
  }

  /** What a button says that draws a picture of these words with what is given: its price, as far as that is known. */
  drawThis(text, given) {
    const price = priceOf(text, this.#known, given);
    return price ? say("draw-this", { credits: price.credits }) : say("draw");
  }

  /** A control has written into the line: the cursor stays among the words, before what was written. */
  #write(text) {
    const at = Math.min(this.#box.selectionStart, text.length);
    this.#box.value = text;
    this.#box.removeAttribute("aria-invalid");
    this.#box.focus();
    this.#box.setSelectionRange(at, at);
    this.#show([]);
    this.#tell();
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
    this.#tell();
    this.onSend(text, pictures);
  }

  #suggest() {
    this.#show(hintsFor(this.#box.value, this.#known));
    this.#tell();
  }

  /** The price and the controls say what the line says; the line is as high as its words. */
  #tell() {
    const text = this.#box.value;
    const given = givenWith(null, this.tray.count);
    const price = priceOf(text, this.#known, given);
    const short = price && this.#available !== null ? price.credits - this.#available : 0;
    const cost = price ? say("credits", { credits: price.credits }) : "";
    this.#price.textContent = short > 0 ? `${cost} · ${say("short", { credits: short })}` : cost;
    this.#price.title = price?.model ?? "";
    this.#price.toggleAttribute("data-short", short > 0);
    this.controls.draw(text, given);
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight}px`;
  }

  #show(hints) {
    if (hints.length && hints.length !== this.#hints.length) announce(say("hints", { count: hints.length }));
    this.#hints = hints;
    this.#active = -1;
    this.#draw();
  }

  /** As many suggestions as there is room for, around the one that is chosen: nothing has to be scrolled. */
  #draw() {
    const room = Math.max(4, Math.floor((innerHeight * 0.45) / ROW_PX));
    const last = Math.max(0, this.#hints.length - room);
    const first = Math.min(last, Math.max(0, this.#active - Math.floor(room / 2)));
    const shown = this.#hints.slice(first, first + room);
    this.#list.hidden = shown.length === 0;
    this.#list.toggleAttribute("data-more", first < last);
    this.#list.replaceChildren(...shown.map((hint, row) => this.#option(hint, first + row)));
    if (this.#active < 0) this.#box.removeAttribute("aria-activedescendant");
    else this.#box.setAttribute("aria-activedescendant", `hint-${this.#active}`);
  }

  #option({ take, about, picture }, place) {
    return el("li", {
      role: "option", id: `hint-${place}`, data: { place }, "aria-selected": String(place === this.#active),
      "aria-posinset": place + 1, "aria-setsize": this.#hints.length,
    },
    picture ? el("img", { src: `/page/file/${picture}`, alt: "", width: 48, height: 36 }) : null,
    el("strong", {}, take), about ? el("span", {}, about) : null);
  }

  #key(event) {
    const { key } = event;
    if (event.isComposing) return;
    if (key === "Escape" && this.#hints.length) return this.#close(event);
    if (key === "ArrowUp" && !this.#box.value && this.#past.length) return this.#recall(event);
    if (key === "Enter" && !event.shiftKey && this.#active < 0) return this.#enter(event);
    if (!this.#hints.length) return;
    if (key === "ArrowDown" || key === "ArrowUp") return this.#step(event, key === "ArrowDown" ? 1 : -1);
    if (key === "Tab" && !event.shiftKey) return this.#complete(event);
    if (key === "Enter" && this.#active >= 0) this.#take(event, this.#active);
  }

  #enter(event) {
    event.preventDefault();
    this.#send();
  }

  #close(event) {
    event.preventDefault();
    this.#show([]);
  }

  /** Tab takes what is chosen, else what comes first once something is typed of it; then it goes on as ever. */
  #complete(event) {
    const begun = /\S$/.test(this.#box.value);
    if (this.#active >= 0 || begun) this.#take(event, Math.max(0, this.#active));
  }

  #recall(event) {
    event.preventDefault();
    this.fill(this.#past[0]);
  }

  #step(event, by) {
    event.preventDefault();
    const count = this.#hints.length;
    this.#active = this.#active < 0 ? (by > 0 ? 0 : count - 1) : (this.#active + by + count) % count;
    this.#draw();
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
