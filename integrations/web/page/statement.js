// The credits: what is left, what was spent on each day, what moved it.

import { el, number, say } from "./dom.js";
import { moment } from "./message.js";

/** What stands in the place of the credits. */
export function drawCredits(content) {
  const { available, held, allowance, granted, renews, lapses, entries, days } = content;
  const facts = [
    ["credits-available", number(available)],
    held ? ["credits-held-now", number(held)] : null,
    granted ? ["credits-given", number(granted)] : null,
    allowance ? ["credits-allowance", number(allowance)] : null,
    renews ? ["credits-renews", moment(renews)] : null,
    ...lapses.map(({ amount, at }) => [say("credits-lapses", { credits: amount }), moment(at)]),
  ].filter(Boolean);
  return [
    el("dl", { class: "figures" }, ...facts.map(([label, value]) => el("div", {}, el("dt", {}, say(label)), el("dd", {}, value)))),
    el("h3", {}, say("credits-by-day")),
    days.length ? chart(days) : el("p", { class: "about" }, say("credits-unspent")),
    el("h3", {}, say("credits-moved")),
    entries.length ? moves(entries) : el("p", { class: "about" }, say("credits-unmoved")),
  ];
}

/** A table whose bars are its chart: it reads the same to the eye and to a screen reader. */
function chart(days) {
  const most = Math.max(1, ...days.map(({ spent }) => spent));
  const rows = days.map(({ day, spent }) => {
    const bar = el("span", { class: "bar", "aria-hidden": "true" });
    bar.style.width = `${Math.max(spent > 0 ? 1 : 0, (100 * spent) / most)}%`;
    return el("tr", {}, el("th", { scope: "row" }, el("time", { datetime: day }, day)), el("td", {}, number(spent)), el("td", { class: "bars" }, bar));
  });
  return el("table", { class: "chart" },
    el("thead", { class: "sr" }, el("tr", {}, el("th", { scope: "col" }, say("credits-day")), el("th", { scope: "col" }, say("credits-spent")), el("td", {}))),
    el("tbody", {}, ...rows));
}

function moves(entries) {
  return el("ol", { class: "moves" }, ...entries.map(({ at, line }) =>
    el("li", {}, el("span", {}, line), el("span", { class: "soft" }, moment(at)))));
}
