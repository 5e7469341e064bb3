// What is chosen beside the words: a control for each flag that has one. They write flags into the line, and read them.

import { el, say } from "./dom.js";
import { fitting, valueOf, withFlag } from "./flags.js";
import { chosenFor, eachOf, givenWith, modelsFor, ranged, usualFor, valuesOf } from "./hints.js";
import { entry, pop } from "./pop.js";

export class Controls {
  #root;
  #known = { flags: [], models: [], usual: { plain: [], masked: [] } };
  #line = { text: "", given: givenWith(null, 0) };

  /** `write(text)` puts a line with another flag in the place of the present one. */
  constructor(root, { write }) {
    this.#root = root;
    this.write = write;
  }

  learn(known) {
    this.#known = known;
    const shown = known.flags.filter(({ control }) => control);
    this.#root.replaceChildren(...shown.map((flag) => this.#made(flag)));
  }

  /** Says what the line says; what its model doesn't take is not offered. */
  draw(text, given) {
    this.#line = { text, given };
    this.#root.inert = text.startsWith("/") && !text.startsWith("/imagine");
    for (const box of this.#root.children) this.#tell(box);
  }

  #made(flag) {
    const button = el("button", { type: "button", class: "chip" });
    const box = el("span", { data: { flag: flag.flag } }, button);
    box.flag = flag;
    if (flag.kind === "switch") {
      button.addEventListener("click", () => this.#set(flag, valueOf(flag, this.#line.text) ? null : true));
    } else {
      pop(button, { label: flag.label, fill: () => this.#choices(flag) });
    }
    return box;
  }

  #tell(box) {
    const { flag, firstChild: button } = box;
    const chosen = valueOf(flag, this.#line.text);
    const taken = this.#values(flag).length > 0;
    box.hidden = !taken && !chosen;
    if (flag.kind === "switch") button.setAttribute("aria-pressed", String(Boolean(chosen)));
    button.classList.toggle("set", Boolean(chosen));
    const shows = flag.kind !== "switch" && chosen
      ? [el("span", { class: "sr" }, flag.label, " "), look(flag, chosen), flag.kind === "count" ? `× ${chosen}` : chosen]
      : [flag.label];
    button.replaceChildren(...shows.filter(Boolean));
  }

  get #model() {
    return chosenFor(this.#line.text, this.#known, this.#line.given);
  }

  #values(flag) {
    if (flag.kind === "switch") return [true];
    if (flag.kind === "model") return this.#known.models;
    if (flag.kind === "style") return this.#known.styles;
    const values = valuesOf(flag, this.#model, this.#known);
    return flag.kind === "count" && values.length < 2 ? [] : values;
  }

  #choices(flag) {
    const chosen = valueOf(flag, this.#line.text);
    const goes = flag.kind === "model" && usualFor(this.#known, this.#line.given);
    const usual = entry(
      { checked: !chosen, class: "leads", take: () => this.#set(flag, null) },
      el("span", {}, el("strong", {}, say("usual")), goes ? el("span", { class: "id" }, " ", goes.name) : null),
      goes ? el("small", {}, ranged(goes)) : null);
    if (flag.kind === "model") return [usual, ...this.#models(flag, chosen)];
    if (flag.kind === "style") return [usual, ...this.#known.styles.map((style) => this.#style(flag, style, chosen))];
    const model = this.#model;
    const priced = model?.asks[flag.flag];
    return [usual, ...this.#values(flag).map((value) => entry(
      { checked: value === chosen, take: () => this.#set(flag, value) },
      look(flag, value), el("span", {}, value),
      priced ? el("small", {}, say("credits", { credits: eachOf(model, withFlag(this.#line.text, flag, value, model), this.#known, this.#line.given) })) : null))];
  }

  #models(flag, chosen) {
    const { leading } = this.#known;
    const why = Object.fromEntries(Object.entries(leading).map(([word, name]) => [name, say(word)]));
    const named = this.#model && chosen ? this.#model.name : "";
    return modelsFor(this.#line.text, this.#known, this.#line.given.pictures).map((model) => entry(
      { checked: model.name === named, class: why[model.name] ? "leads" : "", take: () => this.#set(flag, model.name) },
      el("span", {}, why[model.name] ? el("strong", {}, why[model.name], " ") : null, el("span", { class: "id" }, model.name)),
      el("small", {}, ranged(model))));
  }

  #style(flag, { name, about, picture }, chosen) {
    return entry(
      { checked: name === chosen, take: () => this.#set(flag, name) },
      picture ? el("img", { src: `/page/file/${picture}`, alt: "", width: 48, height: 36 }) : null,
      el("span", {}, about || name));
  }

  #set(flag, value) {
    const { models } = this.#known;
    const named = flag.kind === "model" && models.find((one) => one.name === value);
    const text = named ? fitting(this.#line.text, named, this.#known) : this.#line.text;
    this.write(withFlag(text, flag, value, this.#model));
  }
}

/** A shape is seen, not read. */
function look({ kind }, value) {
  const [, wide, high] = (kind === "shape" && /^(\d+):(\d+)$/.exec(value)) || [];
  if (!Number(wide) || !Number(high)) return null;
  const sign = el("i", { class: "shape", "aria-hidden": "true" });
  const share = 14 / Math.max(wide, high);
  Object.assign(sign.style, { width: `${wide * share}px`, height: `${high * share}px` });
  return sign;
}
