// The one form: Remix of a picture's words, and Edit of the picture itself, with what is painted over it.

import { el, find, say } from "./dom.js";
import { drawer, givenWith, priceOf } from "./hints.js";
import { Mask } from "./mask.js";
import { upload } from "./net.js";
import { Tray, filesOf } from "./pictures.js";

export class Form {
  #dialog = find("form");
  #text = find("form-text");
  #note = find("form-note");
  #edits = false;
  #chosen = 0;
  #begins = null; // what the order has from the message that it goes on from
  #known = { models: [], flags: [], leading: {}, usual: { plain: [], masked: [] } };

  /** `send(fields)` sends what was filled in; `person()` says who fills it in; `refuse(text)` tells of a no. */
  constructor({ person, send, refuse }) {
    this.person = person;
    this.send = send;
    this.refuse = refuse;
    this.tray = new Tray(find("form-tray"), { person, changed: () => this.#tell(), refuse });
    this.mask = new Mask(() => this.#tell());
    this.#text.addEventListener("input", () => this.#tell());
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#dialog.close("draw");
    });
    this.#dialog.addEventListener("paste", (event) => this.tray.add(filesOf(event.clipboardData)));
    find("form-files").addEventListener("change", (event) => {
      this.tray.add(event.target.files);
      event.target.value = "";
    });
  }

  learn(known) {
    this.#known = known;
  }

  /** Remix: the words again, to be changed. */
  remix(view, action) {
    this.#edits = false;
    this.#open(view, action, view.typed, []);
  }

  /** Edit: words for what shall change about a picture, or about one of several. */
  edit(view, action) {
    this.#edits = true;
    this.#open(view, action, "", view.originals ?? []);
  }

  #open(view, action, text, pictures) {
    this.#begins = view.begins[action.do];
    find("form-title").textContent = action.title;
    this.#text.value = text;
    this.#text.placeholder = this.#edits ? say("edit-hint") : "";
    this.tray.clear();
    find("canvas").hidden = pictures.length === 0;
    this.#choices(pictures, action.index);
    this.#dialog.returnValue = "";
    this.#dialog.onclose = () => {
      if (this.#dialog.returnValue === "draw" && this.#text.value.trim()) this.#send(view);
    };
    this.#tell();
    this.#dialog.showModal();
    this.#text.focus();
  }

  #choices(pictures, index) {
    const box = find("form-which");
    box.hidden = pictures.length < 2;
    box.replaceChildren(...pictures.map((picture, place) => el("label", {},
      el("input", { type: "radio", name: "which", value: place + 1, checked: place + 1 === (index || 1), onchange: () => this.#choose(picture, place + 1) }),
      el("img", { src: picture.url, alt: say("picked", { count: place + 1 }) }))));
    if (pictures.length) this.#choose(pictures[(index || 1) - 1] ?? pictures[0], index || 1);
  }

  #choose(picture, index) {
    this.#chosen = index;
    const { url: src, alt, width, height } = picture;
    Object.assign(find("canvas").querySelector("img"), { src, alt, width, height });
    this.mask.begin(picture.width, picture.height);
  }

  /** Who would draw it and for how much, and whether what was painted counts. */
  #tell() {
    const given = givenWith(this.#begins, this.tray.count, this.#edits && this.mask?.painted);
    const order = `/imagine ${this.#text.value}`;
    const price = priceOf(order, this.#known, given);
    const model = drawer(order, this.#known, given);
    const cost = price ? `${price.model} · ${say("credits", { credits: price.credits })}` : "";
    const painted = this.mask?.painted && model ? say(model.masks ? "mask-counts" : "mask-ignored", { name: model.name }) : "";
    this.#note.textContent = [cost, painted].filter(Boolean).join(" · ");
  }

  async #send(view) {
    const text = this.#text.value;
    await this.tray.settled();
    const pictures = this.tray.sources;
    const mask = this.#edits ? await this.mask.file() : null;
    if (mask) {
      try {
        const { ref } = await upload("/page/upload?use=mask", this.person(), mask);
        pictures.push({ ref, use: "mask" });
      } catch {
        this.refuse(say("unsent"));
        return;
      }
    }
    this.send(view, { do: this.#edits ? "edit" : "remix", index: this.#edits ? this.#chosen : 0, text, pictures });
  }
}
