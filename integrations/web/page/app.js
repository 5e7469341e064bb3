// The page: keeps what is drawn in step with what the server tells, and sends what people do.

import { Composer } from "./composer.js";
import { Desk } from "./desk.js";
import { announce, el, find, newKey, say, speak, translate } from "./dom.js";
import { drawFirst } from "./first.js";
import { Form } from "./form.js";
import { givenWith } from "./hints.js";
import { Lightbox } from "./lightbox.js";
import * as message from "./message.js";
import { Refused, Stream, ask, send } from "./net.js";
import * as note from "./note.js";
import { People } from "./people.js";
import { Places } from "./places.js";
import { Deletions } from "./undo.js";

const FORMS = ["remix", "edit"]; // what one presses to write something first
const HIDDEN_MS = 60_000; // a page that nobody looks at gives its connection back
const DESK_MS = 4000; // what another process tells the moderators is seen so soon

const list = find("messages");
const log = find("log");
const items = new Map();
let me = remembered() ?? "robin";
let stream = null;
let settled = false;
let known = null; // what the server says once for a person

// ── What stands on the page ───────────────────────────────────────────────────────────────────────────

const does = {
  press: (view, action) => {
    if (FORMS.includes(action.do)) return openForm(view, action);
    return action.do === "delete" ? remove(view, action) : press(view, action);
  },
  enlarge: (view, place) => lightbox.open(view, place),
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
  gone.forEach(take);
  const fresh = messages.filter((view) => !items.has(view.id));
  messages.forEach(put);
  find("empty").hidden = items.size > 0;
  if (stick && items.size) toEnd();
  else if (settled && fresh.length) offerJump(fresh.at(-1));
  settled = true;
  people();
}

function put(view) {
  const known = items.get(view.id);
  if (settled) tell(view, known?.view);
  if (deletions.has(view.id)) return;
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

function take(id) {
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
  if (matchMedia("(max-width: 900px)").matches) desk.open(false); // the answer stands behind it there
  const item = note.make(content, does);
  insert(item);
  reveal(item);
  return item;
}

const reveal = (item) => item.scrollIntoView({ block: item.offsetHeight > log.clientHeight ? "start" : "nearest" });

const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 120;
const toEnd = () => (log.scrollTop = log.scrollHeight);

setInterval(() => items.forEach(message.tick), 500);

// ── A new message out of sight is one jump away ───────────────────────────────────────────────────────

let newest = null;

function offerJump(view) {
  newest = view.id;
  find("jump").hidden = false;
}

find("jump").addEventListener("click", () => {
  const item = items.get(newest);
  toEnd();
  item?.scrollIntoView({ block: "nearest" });
  item?.focus();
});
log.addEventListener("scroll", () => atEnd() && (find("jump").hidden = true), { passive: true });

// ── What people do ────────────────────────────────────────────────────────────────────────────────────

async function act(path, body, { pending = null, person = me, typed = "", begins = null } = {}) {
  const full = { ...body, key: newKey() };
  const waits = setTimeout(() => pending?.(), 700);
  const attempt = async () => {
    try {
      const answer = await send(path, person, full);
      if (answer.note) addNote(answer.note);
      return answer;
    } catch (error) {
      if (!(error instanceof Refused)) return offerAgain(attempt);
      const item = addNote({ ...note.plain(error.message, "refusal"), offers: error.offers, until: error.until });
      const back = error.typed || typed;
      composer.giveBack(back, error.fault);
      if (error.again) offerCorrected(item, path, body, { person, again: error.again, back, begins });
      return null;
    } finally {
      clearTimeout(waits);
      people();
      tray();
    }
  };
  return attempt();
}

function offerAgain(attempt) {
  offer(addNote(note.plain(say("unsent"), "refusal")), say("resend"), attempt);
  return null;
}

/** What was refused could be drawn like this, with the pictures that were given with it; the line has what was typed. */
function offerCorrected(item, path, body, { person, again, back, begins }) {
  const [masks, pictures] = [true, false].map((is) => body.pictures.filter(({ use }) => (use === "mask") === is).length);
  offer(item, composer.drawThis(again, givenWith(begins, pictures, masks > 0)), () => {
    composer.takeBack(back);
    act(path, { ...body, text: path === "/page/say" ? `/imagine ${again}` : again }, { person, begins });
  });
}

function offer(item, label, take) {
  item.querySelector(".body").append(el("p", { class: "buttons" }, el("button", {
    type: "button",
    onclick: () => {
      does.dismiss(item);
      take();
    },
  }, label)));
  reveal(item);
}

async function sayAs(text, pictures = []) {
  let waiting = null;
  toEnd();
  await act("/page/say", { text, pictures }, {
    pending: () => (waiting = addNote({ ...note.plain(say("sending"), "sending"), title: text })),
    typed: text,
  });
  waiting?.remove();
}

const press = (view, { do: what, index = 0, text = "", pictures = [] }) =>
  act("/page/press", { message: view.id, do: what, index, text, pictures }, { begins: view.begins?.[what] });

/** Whether one may is the server's to say, before anything is written. */
async function openForm(view, action) {
  const answer = await act("/page/press", { message: view.id, do: action.do, index: action.index ?? 0 });
  if (answer?.form) form[action.do](view, { ...action, title: answer.form.title });
}

function remove(view, action) {
  const item = document.activeElement?.closest("li") ?? items.get(view.id);
  const person = me;
  if (!item) return press(view, action);
  return deletions.begin(item, view.id, async () => {
    const answer = await act("/page/press", { message: view.id, do: action.do, index: action.index, text: "" }, { person });
    if (answer) item.remove();
    else deletions.end(item);
  });
}

// ── People, and the moderators' tray ──────────────────────────────────────────────────────────────────

let asked = 0;

/** Asks for everybody's credits, soon and once however much happens. */
function people() {
  clearTimeout(asked);
  asked = setTimeout(async () => drawPeople(await ask("/page/people", me).catch(() => null)), 120);
}

function drawPeople(rows) {
  if (rows) composer.learn(null, everybody.draw(rows, me));
}

async function tray() {
  if (document.hidden || !stream) return;
  const mine = me;
  const content = await ask("/page/room", mine).catch(() => null);
  if (!content || mine !== me) return;
  desk.draw(content);
  places.moderates(content.moderates);
}

setInterval(tray, DESK_MS);

async function become(person) {
  if (person === me) return;
  deletions.flush();
  me = person;
  remember(person);
  stream?.close();
  settled = false;
  items.clear();
  list.replaceChildren();
  desk.clear();
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
  translate();
  form.learn(hello);
  composer.learn(hello, everybody.draw(hello.people, me));
  drawFirst(hello, { order: (text) => sayAs(`/imagine ${text}`), costing: (text) => composer.drawThis(text) });
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
const lightbox = new Lightbox(does.press);
const desk = new Desk(does);
const everybody = new People(become);
const deletions = new Deletions();

let hidden = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hidden);
  if (document.hidden) hidden = setTimeout(() => stream?.close(), HIDDEN_MS);
  else stream?.wake();
});
window.addEventListener("online", () => stream?.wake());
window.addEventListener("offline", () => wire("offline"));

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
  deletions.flush();
  stream?.close();
  await send("/page/logout", me, {}).catch(() => null);
  location.assign("/page/login");
});

begin();
