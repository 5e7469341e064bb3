// One message: the picture first, then its words, who asked, and what can be done with it; before it, the countdown.

import { onLongTouch, row } from "./actions.js";
import { el, say } from "./dom.js";

const revealed = new Set();
let skew = 0; // the server's clock minus ours, seconds

export const setClock = (serverNow) => (skew = serverNow - Date.now() / 1000);
export const now = () => Date.now() / 1000 + skew;

/** A new item for a message. */
export function make(view, does) {
  const item = el("li", { class: "message", id: `m-${view.id}`, tabindex: "-1" });
  onLongTouch(item);
  update(item, view, does);
  return item;
}

/** Makes the item say what the view says; a picture that stays is not loaded again, focus is kept. */
export function update(item, view, does) {
  const focused = item.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  const kept = new Map(Array.from(item.querySelectorAll("img[data-key]"), (img) => [img.dataset.key, img]));
  Object.assign(item.dataset, { phase: view.phase, state: view.state, at: view.at });
  item.replaceChildren(el("div", { class: "body" }, stage(view, kept, does), caption(view, does)));
  item.view = view;
  tick(item);
  if (focused) (item.querySelector(`[data-act="${focused}"]`) ?? item).focus();
}

export function avatar(id, name) {
  const tone = Array.from(id).reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return el("span", { class: "avatar", "aria-hidden": "true", data: { tone } }, Array.from(name)[0] ?? "·");
}

function caption(view, does) {
  // That it is done is seen; while it is painted, it stands where the picture will be.
  const says = isEvent(view) || view.phase === "over";
  return el("div", { class: "caption" },
    el("div", { class: "about-it" },
      says ? el("p", { class: "headline" }, view.headline) : null,
      view.prompt ? el("blockquote", {}, view.prompt) : null,
      view.sentence ? el("p", { class: "sentence" }, view.sentence) : null,
      times(view)),
    row(view, does),
    el("div", { class: "by" }, heading(view), facts(view)));
}

function heading(view) {
  const posted = new Date(view.at * 1000);
  return el("h2", {},
    avatar(view.author, view.name), el("strong", {}, view.name), " ",
    isEvent(view) || view.role === "main" ? null : el("span", { class: "used" }, say("picked", { count: view.role.split(":")[1] }), " "),
    el("time", { datetime: posted.toISOString(), title: written(posted, { dateStyle: "medium" }) }, written(posted)),
    view.private ? el("span", { class: "badge" }, say("private")) : null);
}

function stage(view, kept, does) {
  if (view.phase === "over") return null;
  if (!view.pictures.length) return view.phase === "finished" ? null : placeholder(view);
  const pictures = tilesOf(view);
  const tiles = pictures.map((picture, place) => tile(view, picture, place, kept, does));
  const box = el("div", { class: pictures.length > 1 ? "stage several" : "stage" }, ...tiles);
  box.style.width = widthOf(view.pictures[0].width / view.pictures[0].height || 1);
  return view.spoiler && !revealed.has(view.id) ? covered(view, box) : box;
}

/** The pictures as they are looked at: of several each alone, not their sheet. */
export const tilesOf = (view) => (view.originals.length > 1 ? view.originals : view.pictures);

function placeholder(view) {
  const frame = el("div", { class: "frame painting" },
    el("p", { class: "headline" }, view.headline, el("span", { class: "left", "aria-hidden": "true" })));
  const shape = view.facts.map(([, value]) => /(\d+)\s*[:x×]\s*(\d+)/.exec(value)).find(Boolean);
  const [wide, high] = shape ? [Number(shape[1]), Number(shape[2])] : [1, 1];
  frame.style.aspectRatio = `${wide} / ${high}`;
  frame.append(el("progress", { max: "1", value: "0", "aria-label": view.headline }));
  const box = el("div", { class: "stage" }, frame);
  box.style.width = widthOf(wide / high);
  return box;
}

// Every shape gets about the same area; a placeholder is as large as its picture, so that nothing jumps.
const widthOf = (ratio) => `min(100%, ${Math.round(32 * Math.sqrt(ratio))}rem)`;

function tile(view, picture, place, kept, does) {
  const image = kept.get(picture.key) ?? el("img", {
    src: picture.url, alt: picture.alt, width: picture.width, height: picture.height,
    decoding: "async", data: { key: picture.key },
  });
  return el("button", {
    type: "button", class: "frame picture", "data-act": `enlarge${place || ""}`, title: say("enlarge"),
    onclick: () => does.enlarge(view, place),
  }, image);
}

function covered(view, box) {
  const cover = el("button", { type: "button", class: "cover", "data-act": "reveal" }, say("reveal"));
  const spoiler = el("div", { class: "spoiler" }, box, cover);
  box.inert = true;
  cover.addEventListener("click", () => {
    revealed.add(view.id);
    box.inert = false;
    spoiler.replaceWith(box);
    box.querySelector("button").focus();
  });
  return spoiler;
}

function facts(view) {
  if (!view.facts.length) return null;
  return el("dl", { class: "facts" }, ...view.facts.map(([label, value]) =>
    el("div", {}, el("dt", {}, label), " ", el("dd", {}, value))));
}

/** A moment as people here read it. */
export function moment(at) {
  const then = new Date(at * 1000);
  return el("time", { datetime: then.toISOString() }, written(then, { dateStyle: "medium" }));
}

const written = (moment, more = {}) =>
  new Intl.DateTimeFormat(document.documentElement.lang || undefined, { timeStyle: "short", ...more }).format(moment);

// What the moderators are told of is nobody's picture.
const isEvent = (view) => ["event", "settled"].includes(view.state);

function times(view) {
  if (!view.times?.length) return null;
  return el("ul", { class: "times" }, ...view.times.map(([what, at]) => el("li", {}, what, " · ", moment(at))));
}

/** Brings the countdown up to the second. It never promises more than is known. */
export function tick(item) {
  const { view } = item;
  const left = item.querySelector(".left");
  if (!view || !left) return;
  const passed = Math.max(0, Math.round(now() - view.at));
  const progress = item.querySelector("progress");
  if (view.phase === "waiting") {
    left.textContent = say("elapsed", { seconds: passed });
    progress.removeAttribute("value");
    return;
  }
  const remaining = view.ready_at === null ? 0 : Math.ceil(view.ready_at - now());
  left.textContent = remaining > 0 ? say("about", { seconds: remaining }) : say("elapsed", { seconds: passed });
  // It slows down towards the end in place of ending early.
  const usual = view.usual_s || 12;
  progress.value = Math.min(0.97, passed / (passed + usual * 0.4));
}
