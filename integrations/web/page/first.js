// The first screen, before there is a picture: six that were drawn from a few words, each a click away from one's own.

import { rests } from "./actions.js";
import { el, find, say } from "./dom.js";

/** Draws it. `order(text)` draws a picture of one's own, `costing(text)` says so with what it takes. */
export function drawFirst({ examples }, { order, costing }) {
  find("empty").replaceChildren(
    el("h2", {}, say("empty-title")),
    el("p", {}, say("empty-try")),
    el("ul", { class: "examples" }, ...examples.map(({ prompt, picture, width, height }) => el("li", {},
      el("button", { type: "button", onclick: (event) => rests(event.currentTarget) || order(prompt) },
        el("img", { src: `/page/file/${picture}`, alt: "", width, height, decoding: "async" }),
        el("span", { class: "words" }, prompt),
        el("span", { class: "cost" }, costing(prompt)))))));
}
