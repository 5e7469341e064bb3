// The moderators' place: what they are told of, what was withheld, who may not ask, what was done.

import { el, say } from "./dom.js";
import { make, moment } from "./message.js";

/** What stands in the place of moderation. */
export function drawModeration(content, { does, again, told }) {
  if (!content.moderates) return [el("p", { class: "about" }, say("moderation-not-yours"))];
  const act = async (line) => {
    await does.say(line);
    again();
  };
  return [
    el("h3", {}, say("moderation-told")),
    told.length ? el("ol", { class: "told" }, ...told.map((view) => event(view, does, again))) : none("moderation-told-none"),
    el("h3", {}, say("moderation-held")),
    content.held.length ? el("ul", { class: "held" }, ...content.held.map((one) => held(one, act))) : none("moderation-held-none"),
    el("h3", {}, say("moderation-blocked")),
    content.blocked.length ? el("ul", { class: "moves" }, ...content.blocked.map((one) => blocked(one, act))) : none("moderation-blocked-none"),
    el("h3", {}, say("moderation-log")),
    el("ul", { class: "log" }, ...content.log.map((line) => el("li", {}, line))),
  ];
}

function event(view, does, again) {
  const press = async (what, action) => {
    await does.press(what, action);
    again();
  };
  const item = make(view, { ...does, press });
  item.removeAttribute("id"); // the tray has it, too
  return item;
}

const none = (word) => el("p", { class: "about" }, say(word));

function held({ job, at, name, prompt, url }, act) {
  const cover = url && el("button", {
    type: "button", class: "picture covered", "aria-label": say("reveal"), title: say("reveal"),
    onclick: () => cover.classList.toggle("covered"),
  }, el("img", { src: url, alt: "", loading: "lazy" }));
  return el("li", {}, cover || null,
    el("div", {}, el("p", {}, prompt), el("p", { class: "soft" }, name, " · ", moment(at)),
      el("p", { class: "buttons" },
        el("button", { type: "button", onclick: () => act(`/easel admin release ${job}`) }, say("moderation-release")),
        el("button", { type: "button", class: "danger", onclick: () => act(`/easel admin discard ${job}`) }, say("moderation-discard")))));
}

function blocked({ user, reason, until, paused }, act) {
  return el("li", {},
    el("span", {}, el("strong", {}, user), " ", say(paused ? "moderation-paused" : "moderation-is-blocked"), reason ? ` · ${reason}` : ""),
    el("span", { class: "soft" }, until ? moment(until) : ""),
    el("button", { type: "button", onclick: () => act(`/easel admin unblock @${user}`) }, say("moderation-lift")));
}
