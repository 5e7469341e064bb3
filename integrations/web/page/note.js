// Private answers: what one person alone is told. They stand among the messages until they are dismissed.

import { row } from "./actions.js";
import { announce, el, say } from "./dom.js";
import { moment, now } from "./message.js";

/** Makes an item of a note. `does` presses tiles' buttons and says what a confirmation says. */
export function make(note, does) {
  const item = el("li", { class: "note", data: { kind: note.kind, at: now() } });
  item.append(
    el("div", { class: "body" },
      note.kind === "refusal" ? null : el("p", { class: "badge" }, say("answer")),
      note.title ? el("h2", {}, note.title) : null,
      note.text ? el("p", { class: "text" }, note.text) : null,
      note.until ? el("p", { class: "text" }, say("until"), " ", moment(note.until)) : null,
      note.offers?.length ? offers(note, item, does) : null,
      note.rows_title && note.rows.length ? el("h3", {}, note.rows_title) : null,
      note.rows.length ? table(note.rows) : null,
      note.how ? el("p", {}, note.how) : null,
      note.file ? download(note.file) : null,
      note.tiles.length ? gallery(note.tiles, does) : null,
      note.chart ? el("img", { class: "chart", src: note.chart.url, alt: note.chart.alt }) : null,
      note.turns?.length ? turns(note, item, does) : null,
      note.pays?.length ? pays(note) : null,
      note.confirm ? confirmation(note, item, does) : null,
    ),
    el("button", { type: "button", class: "quiet close", "aria-label": say("dismiss"), onclick: () => does.dismiss(item) }, "✕"),
  );
  announce([note.title, note.text, note.how].filter(Boolean).join(" "));
  return item;
}

/** A plain sentence as a note. */
export const plain = (text, kind = "note") =>
  ({ text, kind, title: "", rows: [], tiles: [], how: "", confirm: "", confirms: "" });

/** A file that was made for this person: kept by the browser alone, until the note goes. */
function download(file) {
  const bytes = Uint8Array.from(atob(file.base64), (letter) => letter.charCodeAt(0));
  const href = URL.createObjectURL(new Blob([bytes], { type: file.type }));
  return el("p", {}, el("a", { href, download: file.name }, file.name));
}

function turns(note, item, does) {
  return el("p", { class: "buttons" }, ...note.turns.map((turn) =>
    el("button", {
      type: "button",
      onclick: () => {
        does.dismiss(item);
        does.say(turn.says);
      },
    }, turn.label)));
}

/** Where something is paid for: a page of the shop's, which learns nothing of this one. */
function pays(note) {
  return el("p", { class: "buttons" }, ...note.pays.map((pay) =>
    el("a", { class: "pay", href: pay.address, target: "_blank", rel: "noopener noreferrer" }, pay.label)));
}

function offers(note, item, does) {
  return el("p", { class: "buttons" }, ...note.offers.map((offer) =>
    el("button", {
      type: "button", class: offer.do,
      onclick: () => {
        does.dismiss(item);
        does.take(offer);
      },
    }, offer.label)));
}

function table(rows) {
  return el("ul", { class: "rows" }, ...rows.map((row) =>
    el("li", {},
      el("span", {}, row.label),
      row.value ? el("strong", {}, row.value) : null,
      row.detail ? el("small", {}, row.detail) : null)));
}

function gallery(tiles, does) {
  return el("ul", { class: "gallery" }, ...tiles.map((tile) => el("li", {},
    el("button", { type: "button", class: "picture", title: say("enlarge"), onclick: () => does.enlarge(lookedAt(tile), 0) },
      el("img", { src: tile.url, alt: tile.alt, width: tile.width, height: tile.height, loading: "lazy", decoding: "async" })),
    el("p", {}, tile.line),
    row(tile, does, 2))));
}

// What is kept for moderators alone has no pictures of its own.
const lookedAt = (tile) => (tile.originals.length ? tile : { ...tile, pictures: [tile] });

function confirmation(note, item, does) {
  return el("p", { class: "buttons" },
    el("button", {
      type: "button", class: "danger",
      onclick: () => {
        does.dismiss(item);
        does.say(note.confirms);
      },
    }, note.confirm));
}
