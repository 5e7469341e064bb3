// A panel that opens beside its button: menus, choices, the people. The browser closes it by Esc or a click elsewhere.

import { el } from "./dom.js";

const ROOM = 8; // px between a panel and its button, and the edge of the window

/** Gives a button a menu. `fill()` makes what stands in it, each time that it opens; answers the panel. */
export function pop(button, { label, fill }) {
  const panel = el("div", { class: "pop", popover: "auto", role: "menu", "aria-label": label });
  button.after(panel);
  button.popoverTargetElement = panel;
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  panel.addEventListener("beforetoggle", ({ newState }) => newState === "open" && panel.replaceChildren(...fill()));
  panel.addEventListener("toggle", ({ newState }) => {
    const open = newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    place(panel, button);
    (panel.querySelector('[aria-checked="true"]') ?? entries(panel)[0])?.focus();
  });
  panel.addEventListener("keydown", (event) => step(event, panel));
  return panel;
}

/** One line of a menu; with `checked` it is one of several, of which one holds. It closes the menu when it is taken. */
export function entry({ take, checked, ...attributes }, ...children) {
  const role = checked === undefined ? "menuitem" : "menuitemradio";
  return el("button", {
    type: "button", role, tabindex: "-1", ...attributes,
    "aria-checked": checked === undefined ? null : String(checked),
    onclick: (event) => {
      const panel = event.currentTarget.closest("[popover]");
      panel.hidePopover();
      take(event);
    },
  }, ...children);
}

const entries = (panel) => Array.from(panel.querySelectorAll('[role^="menuitem"]'));

function place(panel, button) {
  const from = button.getBoundingClientRect();
  const { offsetWidth: wide, offsetHeight: high } = panel;
  const below = from.bottom + ROOM + high <= innerHeight || from.top - ROOM - high < 0;
  const top = below ? Math.min(from.bottom + ROOM, innerHeight - high - ROOM) : from.top - ROOM - high;
  const left = Math.min(from.left, innerWidth - wide - ROOM);
  Object.assign(panel.style, { top: `${Math.max(ROOM, top)}px`, left: `${Math.max(ROOM, left)}px` });
}

function step(event, panel) {
  const all = entries(panel);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length * (at < 0), Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Tab") panel.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  all.at(to % all.length)?.focus();
}
