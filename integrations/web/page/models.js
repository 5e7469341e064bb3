// The models: what each has drawn here, what it costs and takes; a click begins an order with it.

import { el, say } from "./dom.js";

const SAMPLE = "a red fox in the snow";

/** What stands in the place of the models. */
export function drawModels({ samples, resting }, { known, does }) {
  const cards = known().models.map((model) => card(model, samples[model.id], does));
  return [
    el("p", { class: "about" }, say("models-about")),
    el("ul", { class: "models" }, ...cards),
    ...(resting.length ? [el("p", { class: "about resting" }, say("models-resting", { what: resting.join(", ") }))] : []),
    el("h3", {}, say("models-prices")),
    table(known().models),
  ];
}

function card(model, sample, does) {
  return el("li", {},
    sample
      ? el("img", { src: sample.url, alt: sample.alt, loading: "lazy", decoding: "async" })
      : el("span", { class: "unseen" }, say("models-unseen")),
    el("h3", {}, model.name, model.default ? el("span", { class: "badge" }, say("default")) : null),
    el("p", {}, priceOf(model)),
    model.inputs ? el("p", { class: "soft" }, say("models-takes", { count: model.inputs })) : null,
    el("p", { class: "buttons" }, el("button", {
      type: "button",
      onclick: () => does.begin(`${model.upscales ? "" : `${SAMPLE} `}--model ${model.name} `),
    }, say("models-use"))));
}

const priceOf = ({ range: [least, most], credits }) =>
  (least === most ? say("each", { credits }) : say("each", { credits: `${least} – ${most}` }));

function table(models) {
  const head = ["models-name", "models-from", "models-to", "models-pictures", "models-flags"].map((word) => el("th", { scope: "col" }, say(word)));
  const rows = models.map((model) => el("tr", {},
    el("th", { scope: "row" }, model.name),
    el("td", {}, String(model.range[0])),
    el("td", {}, String(model.range[1])),
    el("td", {}, model.inputs ? String(model.inputs) : "–"),
    el("td", {}, Object.keys(model.flags).join(" "))));
  return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": say("models-prices") },
    el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)));
}
