// One message: the placeholder with its countdown, the picture, what can be done with it.

import { el, say } from "./dom.js";

const REACTIONS = [["🔁", "react-reroll"], ["⭐", "react-favourite"], ["❌", "react-delete"]];
const revealed = new Set();
const long = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
let skew = 0; // the server's clock minus ours, seconds

export const setClock = (serverNow) => (skew = serverNow - Date.now() / 1000);
export const now = () => Date.now() / 1000 + skew;

/** A new item for a message. */
export function make(view, does) {
  const item = el("li", { class: "message", id: `m-${view.id}`, tabindex: "-1" });
  update(item, view, does);
  return item;
}

/** Makes the item say what the view says; a picture that stays is not loaded again, focus is kept. */
export function update(item, view, does) {
  const focused = item.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  const kept = new Map(Array.from(item.querySelectorAll("img[data-key]"), (img) => [img.dataset.key, img]));
  item.dataset.phase = view.phase;
  item.dataset.state = view.state;
  item.dataset.at = view.at;
  item.replaceChildren(
    avatar(view.author, view.name),
    el("div", { class: "body" },
      heading(view),
      el("blockquote", {}, view.prompt),
      stage(view, kept, does),
      el("p", { class: "headline" }, view.headline),
      view.sentence ? el("p", { class: "sentence" }, view.sentence) : null,
      facts(view),
      times(view),
      actions(view, does),
      view.reactions ? reactions(view, does) : null,
    ),
  );
  item.view = view;
  tick(item);
  if (focused) (item.querySelector(`[data-act="${focused}"]`) ?? item).focus();
}

export function avatar(id, name) {
  const tone = Array.from(id).reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return el("span", { class: "avatar", "aria-hidden": "true", data: { tone } }, Array.from(name)[0] ?? "·");
}

function heading(view) {
  const posted = new Date(view.at * 1000);
  return el("h2", {},
    el("strong", {}, view.name), " ",
    isEvent(view) ? null : view.role === "main"
      ? el("span", { class: "used" }, say("used"), " ", el("code", {}, "/imagine"))
      : el("span", { class: "used" }, say("picked", { count: view.role.split(":")[1] })),
    " ", el("time", { datetime: posted.toISOString() }, clock.format(posted)),
    view.private ? el("span", { class: "badge" }, say("private")) : null,
  );
}

function stage(view, kept, does) {
  if (view.phase === "over") return null;
  if (!view.pictures.length) return view.phase === "finished" ? null : placeholder(view);
  const frames = view.pictures.map((picture) => framed(view, picture, kept, does));
  return el("div", { class: "stage" }, ...frames);
}

function placeholder(view) {
  const frame = el("div", { class: "frame painting" }, el("span", { class: "left", "aria-hidden": "true" }));
  const shape = view.facts.map(([, value]) => /(\d+)\s*[:x×]\s*(\d+)/.exec(value)).find(Boolean);
  const [wide, high] = shape ? [Number(shape[1]), Number(shape[2])] : [1, 1];
  frame.style.aspectRatio = `${wide} / ${high}`;
  frame.style.width = widthOf(wide / high);
  frame.append(el("progress", { max: "1", value: "0", "aria-label": view.headline }));
  return el("div", { class: "stage" }, frame);
}

// Every shape gets about the same area; a placeholder is as large as its picture, so that nothing jumps.
const widthOf = (ratio) => `min(100%, ${Math.round(30 * Math.sqrt(ratio))}rem)`;

function framed(view, picture, kept, does) {
  const image = kept.get(picture.key) ?? el("img", {
    src: picture.url, alt: picture.alt, width: picture.width, height: picture.height,
    decoding: "async", data: { key: picture.key },
  });
  const frame = el("button", {
    type: "button", class: "frame picture", "data-act": "enlarge", title: say("enlarge"),
    onclick: () => does.enlarge(picture),
  }, image);
  frame.style.width = widthOf(picture.width / picture.height || 1);
  if (!view.spoiler || revealed.has(view.id)) return frame;
  const cover = el("button", { type: "button", class: "cover", "data-act": "reveal" }, say("reveal"));
  frame.inert = true;
  const box = el("div", { class: "spoiler" }, frame, cover);
  cover.addEventListener("click", () => {
    revealed.add(view.id);
    frame.inert = false;
    box.replaceWith(frame);
    frame.focus();
  });
  return box;
}

function facts(view) {
  if (!view.facts.length) return null;
  return el("dl", { class: "facts" }, ...view.facts.map(([label, value]) =>
    el("div", {}, el("dt", {}, label), " ", el("dd", {}, value))));
}

/** A moment as people here read it. */
export function moment(at) {
  const then = new Date(at * 1000);
  return el("time", { datetime: then.toISOString() }, long.format(then));
}

// What the moderators are told of is nobody's picture.
const isEvent = (view) => ["event", "settled"].includes(view.state);

function times(view) {
  if (!view.times?.length) return null;
  return el("ul", { class: "times" }, ...view.times.map(([what, at]) => el("li", {}, what, " · ", moment(at))));
}

function actions(view, does) {
  if (!view.actions.length && !view.link) return null;
  return el("div", { class: "actions", role: "group" }, ...view.actions.map((action) =>
    action.do === "original" ? originals(action) : button(view, action, does)),
  view.link ? el("a", { href: view.link[1], "data-act": "link" }, view.link[0]) : null);
}

function button(view, action, does) {
  const pick = action.do === "pick";
  return el("button", {
    type: "button", class: pick ? "pick" : action.do, "data-act": `${action.do}${action.index || ""}`,
    onclick: (event) => {
      if (rests(event.currentTarget)) return;
      does.press(view, action);
    },
  }, action.label);
}

function originals(action) {
  const many = action.urls.length > 1;
  return el("span", { class: "originals" }, ...action.urls.map((url, place) =>
    el("a", {
      href: url, target: "_blank", rel: "noopener", "data-act": `original${place}`,
      "aria-label": many ? say("original", { count: place + 1 }) : null,
    }, many && place ? String(place + 1) : many ? say("original", { count: 1 }) : action.label)));
}

function reactions(view, does) {
  return el("div", { class: "reactions", role: "group" }, ...REACTIONS.map(([emoji, word]) =>
    el("button", {
      type: "button", "data-act": word, "aria-label": say(word), title: say(word),
      onclick: (event) => {
        if (rests(event.currentTarget)) return;
        does.react(view, emoji);
      },
    }, emoji)));
}

// A second click of a double click finds the button at rest; it stays focusable meanwhile.
function rests(pressed) {
  if (pressed.getAttribute("aria-disabled") === "true") return true;
  pressed.setAttribute("aria-disabled", "true");
  setTimeout(() => pressed.removeAttribute("aria-disabled"), 900);
  return false;
}

/** Brings the countdown up to the second. It never promises more than is known. */
export function tick(item) {
  const { view } = item;
  const left = item.querySelector(".left");
  if (!view || !left) return;
  const passed = Math.max(0, Math.round(now() - view.at));
  const progress = item.querySelector("progress");
  if (view.phase === "waiting") {
    left.textContent = say("waiting");
    progress.removeAttribute("value");
    return;
  }
  const remaining = view.ready_at === null ? null : Math.ceil(view.ready_at - now());
  left.textContent = remaining === null ? say("elapsed", { seconds: passed })
    : remaining > 0 ? say("about", { seconds: remaining }) : `${say("soon")} · ${say("elapsed", { seconds: passed })}`;
  // It slows down towards the end in place of ending early.
  const usual = view.usual_s || 12;
  progress.value = Math.min(0.97, passed / (passed + usual * 0.4));
}
