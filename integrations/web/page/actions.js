// What can be done with a picture: one row below it, and a menu for what is seldom wanted.

import { el, say } from "./dom.js";
import { entry, pop } from "./pop.js";

const SELDOM = ["upscale", "original", "send", "report", "delete"];
// One of several is chosen by looking at it.
const alone = (view, { do: what, index }) =>
  what === "pick" || (view.originals.length > 1 && (what === "original" || (what === "vary" && index)));

/** The row of a message, or of a tile with room for `most`; nothing where nothing can be done. */
export function row(view, does, most = Infinity) {
  const shown = view.actions.filter((action) => !alone(view, action));
  const rare = view.phase === "finished" ? SELDOM.flatMap((what) => shown.filter((action) => action.do === what)) : [];
  const wanted = shown.filter((action) => !rare.includes(action));
  const [often, seldom] = [wanted.slice(0, most), [...wanted.slice(most), ...rare]];
  if (!shown.length && !view.link) return null;
  return el("div", { class: "actions", role: "group" },
    ...often.map((action) => button(view, action, does)),
    view.link ? el("a", { href: view.link[1], "data-act": "link" }, view.link[0]) : null,
    ...(seldom.length ? more(view, seldom, does) : []));
}

/** Where the row is kept out of sight, a long touch shows it. */
export function onLongTouch(item) {
  let timer = 0;
  item.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    timer = setTimeout(() => item.classList.add("held"), 450);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) {
    item.addEventListener(name, () => clearTimeout(timer));
  }
}

function button(view, action, does) {
  const star = action.do === "favourite";
  return el("button", {
    type: "button", class: star ? "star" : action.do, "data-act": `${action.do}${action.index || ""}`,
    "aria-label": star ? action.label : null, title: star ? action.label : null,
    onclick: (event) => {
      if (!rests(event.currentTarget)) does.press(view, action);
    },
  }, star ? "☆" : labelOf(action));
}

// Nothing is sent away from here: what it tells besides is the picture's number.
const labelOf = (action) => (action.do === "send" ? `✉️ ${say("number")}` : action.label);

function more(view, actions, does) {
  const opener = el("button", { type: "button", class: "more", "data-act": "more", "aria-label": say("more"), title: say("more") }, "⋯");
  const box = el("span", {}, opener);
  pop(opener, {
    label: say("more"),
    fill: () => actions.map((action) => (action.do === "original"
      ? el("a", { role: "menuitem", tabindex: "-1", href: action.urls[0], target: "_blank", rel: "noopener" }, action.label)
      : entry({ class: action.do, take: () => does.press(view, action) }, labelOf(action)))),
  });
  return [box];
}

/** A second click of a double click finds the button at rest; it stays focusable meanwhile. */
export function rests(pressed) {
  if (pressed.getAttribute("aria-disabled") === "true") return true;
  pressed.setAttribute("aria-disabled", "true");
  setTimeout(() => pressed.removeAttribute("aria-disabled"), 900);
  return false;
}
