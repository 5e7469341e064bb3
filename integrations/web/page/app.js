// The page: keeps what is drawn in step with what the server tells, and sends what people do.

import { Composer } from "./composer.js";
import { announce, el, find, newKey, say, speak } from "./dom.js";
import { Form } from "./form.js";
import * as message from "./message.js";
import { Refused, Stream, ask, send } from "./net.js";
import * as note from "./note.js";
import { Places } from "./places.js";

const TRY = [
  "/imagine a red fox in the snow --ar 16:9",
  "/imagine a lighthouse in a storm, oil painting --n 4",
  "/easel models",
];
const FORMS = ["remix", "edit"]; // what one presses to write something first
const HIDDEN_MS = 60_000; // a page that nobody looks at gives its connection back

const list = find("messages");
const log = find("log");
const items = new Map();
let me = remembered() ?? "robin";
let stream = null;
let settled = false;
let known = null; // what the server says once for a person

// ── What stands on the page ───────────────────────────────────────────────────────────────────────────

const does = {
  press: (view, action) => (FORMS.includes(action.do) ? form[action.do](view, action) : press(view, action)),
  react: (view, emoji) => act("/page/react", { message: view.id, emoji }),
  enlarge: (picture) => {
    const box = find("lightbox");
    Object.assign(box.querySelector("img"), { src: picture.url, alt: picture.alt });
    box.showModal();
  },
  dismiss: (item) => {
    item.remove();
    find("box").focus();
  },
  say: (text) => sayAs(text),
  begin: (text) => {
    places.leave();
    composer.fill(text);
  },
  take: (offer) => act("/page/take", { do: offer.do, about: offer.about }),
};

function change({ now, whole, gone, messages }) {
  const stick = atEnd();
  message.setClock(now);
  if (whole) {
    const there = new Set(messages.map((view) => view.id));
    gone = Array.from(items.keys()).filter((id) => !there.has(id));
  }
  gone.forEach(remove);
  messages.forEach(put);
  find("empty").hidden = items.size > 0;
  settled = true;
  if (stick) toEnd();
  people();
}

function put(view) {
  const known = items.get(view.id);
  if (settled) tell(view, known?.view);
  if (known) return message.update(known, view, does);
  const item = message.make(view, does);
  items.set(view.id, item);
  insert(item);
}

function insert(item) {
  const at = Number(item.dataset.at);
  const later = Array.from(list.children).findLast((other) => Number(other.dataset.at) <= at);
  if (later) later.after(item);
  else list.prepend(item);
}

function remove(id) {
  const item = items.get(id);
  if (item?.contains(document.activeElement)) find("box").focus();
  item?.remove();
  items.delete(id);
}

function tell(view, before) {
  if (before && before.headline === view.headline) return;
  const what = [view.headline, view.phase === "finished" ? view.pictures[0]?.alt : view.sentence].filter(Boolean).join(". ");
  announce(say("news", { name: view.name, what }));
}

function addNote(content) {
  if (matchMedia("(max-width: 900px)").matches) openDesk(false); // the answer stands behind it there
  const item = note.make(content, does);
  insert(item);
  item.scrollIntoView({ block: item.offsetHeight > log.clientHeight ? "start" : "nearest" });
  return item;
}

const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 120;
const toEnd = () => (log.scrollTop = log.scrollHeight);

setInterval(() => items.forEach(message.tick), 500);

// ── What people do ────────────────────────────────────────────────────────────────────────────────────

async function act(path, body, { pending = null } = {}) {
  const full = { ...body, key: newKey() };
  const waits = setTimeout(() => pending?.(), 700);
  const attempt = async () => {
    try {
      const { note: answer } = await send(path, me, full);
      if (answer) addNote(answer);
      return true;
    } catch (error) {
      if (error instanceof Refused) {
        addNote({ ...note.plain(error.message, "refusal"), offers: error.offers, until: error.until });
        if (error.typed) composer.giveBack(error.typed, error.fault);
        return true;
      }
      offerAgain(attempt);
      return false;
    } finally {
      clearTimeout(waits);
      people();
      tray();
    }
  };
  return attempt();
}

function offerAgain(attempt) {
  const item = addNote(note.plain(say("unsent"), "refusal"));
  item.querySelector(".body").append(el("p", { class: "buttons" }, el("button", {
    type: "button",
    onclick: () => {
      does.dismiss(item);
      attempt();
    },
  }, say("resend"))));
}

async function sayAs(text, pictures = []) {
  let waiting = null;
  toEnd();
  await act("/page/say", { text, pictures }, {
    pending: () => (waiting = addNote({ ...note.plain(say("sending"), "sending"), title: text })),
  });
  waiting?.remove();
}

const press = (view, { do: what, index = 0, text = "", pictures = [] }) =>
  act("/page/press", { message: view.id, do: what, index, text, pictures });

// ── People ────────────────────────────────────────────────────────────────────────────────────────────

// ── The moderators' tray ──────────────────────────────────────────────────────────────────────────────

const TRAY_MS = 4000; // what another process tells is seen so soon
const told = new Map();

/** Draws what the moderators are told of; for others there is nothing to open. */
async function tray() {
  if (document.hidden || !stream) return;
  const mine = me;
  const content = await ask("/page/room", mine).catch(() => null);
  if (!content || mine !== me) return;
  const { moderates, messages } = content;
  find("desk-open").hidden = !moderates;
  places.moderates(moderates);
  if (!moderates) openDesk(false);
  const there = new Set(messages.map((view) => view.id));
  Array.from(told.keys()).filter((id) => !there.has(id)).forEach((id) => {
    told.get(id).remove();
    told.delete(id);
  });
  for (const view of messages) {
    const known = told.get(view.id);
    if (known?.view && known.view.version === view.version && same(known.view, view)) continue;
    if (known) message.update(known, view, does);
    else told.set(view.id, message.make(view, does));
  }
  find("desk-list").replaceChildren(...messages.map((view) => told.get(view.id)));
  find("desk-empty").hidden = messages.length > 0;
  const open = messages.filter((view) => view.state === "event").length;
  find("desk-count").textContent = open ? String(open) : "";
}

const same = (a, b) => JSON.stringify(a.actions) === JSON.stringify(b.actions) && a.sentence === b.sentence;

setInterval(tray, TRAY_MS);
function openDesk(open) {
  find("desk").hidden = !open;
  document.body.classList.toggle("desk-open", open);
  find("desk-open").setAttribute("aria-expanded", String(open));
}
find("desk-open").addEventListener("click", () => openDesk(find("desk").hidden));
find("desk").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  openDesk(false);
  find("desk-open").focus();
});

let asked = 0;

/** Asks for everybody's credits, soon and once however much happens. */
function people() {
  clearTimeout(asked);
  asked = setTimeout(async () => drawPeople(await ask("/page/people", me).catch(() => null)), 120);
}

function drawPeople(rows) {
  if (!rows) return;
  const box = find("people");
  const focused = box.contains(document.activeElement);
  box.replaceChildren(...rows.map((row) => {
    const held = row.held ? ` · ${say("held", { credits: row.held })}` : "";
    return el("label", { class: "person" },
      el("input", { type: "radio", name: "person", value: row.id, checked: row.id === me, onchange: () => become(row.id) }),
      message.avatar(row.id, row.name),
      el("span", { class: "who" }, el("strong", {}, row.name), el("small", {}, row.role)),
      el("span", { class: "purse" }, `${say("credits", { credits: row.available })}${held}`));
  }));
  if (focused) box.querySelector("input:checked")?.focus();
  composer.learn(null, rows.find((row) => row.id === me)?.available ?? null);
}

async function become(person) {
  me = person;
  remember(person);
  stream?.close();
  settled = false;
  items.clear();
  list.replaceChildren();
  told.clear();
  find("desk-list").replaceChildren();
  await begin();
}

function remembered() {
  try {
    return sessionStorage.getItem("easel.person") ?? localStorage.getItem("easel.person");
  } catch {
    return null;
  }
}

function remember(person) {
  try {
    sessionStorage.setItem("easel.person", person);
    localStorage.setItem("easel.person", person);
  } catch {
    // A browser that keeps nothing begins with the first person again.
  }
}

// ── Beginning, going and coming back ──────────────────────────────────────────────────────────────────

function wire(state) {
  const sign = find("wire");
  if (sign.dataset.state === state) return;
  sign.dataset.state = state;
  sign.textContent = say(state);
}

function drawEmpty() {
  find("empty").replaceChildren(
    el("h2", {}, say("empty-title")),
    el("p", {}, say("empty-try")),
    el("p", { class: "try" }, ...TRY.map((text) =>
      el("button", { type: "button", onclick: () => composer.fill(text) }, text))));
}

async function begin() {
  const mine = me;
  let hello;
  try {
    hello = await ask("/page/hello", mine);
  } catch (error) {
    if (error instanceof Refused && mine !== "robin") return become("robin");
    wire("offline");
    return setTimeout(() => mine === me && begin(), 1500);
  }
  if (mine !== me) return undefined;
  speak(hello.words);
  document.documentElement.lang = hello.language;
  known = hello;
  drawEmpty();
  drawPeople(hello.people);
  form.learn(hello);
  composer.learn(hello, hello.people.find((row) => row.id === me)?.available ?? null);
  stream?.close();
  stream = new Stream(me, { change, note: (text) => addNote(note.plain(text)), state: wire });
  tray();
  places.follow({ anew: true });
  return undefined;
}

const refuse = (text) => addNote(note.plain(text, "refusal"));
const composer = new Composer({ onSend: sayAs, person: () => me, refuse });
const places = new Places({ person: () => me, known: () => known, does });
const form = new Form({ send: press, person: () => me, refuse });

let hidden = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hidden);
  if (document.hidden) hidden = setTimeout(() => stream?.close(), HIDDEN_MS);
  else stream?.wake();
});
window.addEventListener("online", () => stream?.wake());
window.addEventListener("offline", () => wire("offline"));

function openSide(open) {
  document.body.classList.toggle("side-open", open);
  find("menu").setAttribute("aria-expanded", String(open));
}
find("menu").addEventListener("click", () => openSide(!document.body.classList.contains("side-open")));
find("side").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  openSide(false);
  find("menu").focus();
});
find("log").addEventListener("pointerdown", () => openSide(false));
find("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = dark ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("easel.theme", theme);
  } catch {
    // Then it holds for this visit.
  }
});
document.getElementById("leave")?.addEventListener("click", async () => {
  stream?.close();
  await send("/page/logout", me, {}).catch(() => null);
  location.assign("/page/login");
});
find("lightbox").addEventListener("click", (event) => {
  if (event.target === event.currentTarget) event.currentTarget.close();
});

begin();
