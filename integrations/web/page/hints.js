// What can be typed next, and what it will cost: from memory, while typing.

import { say } from "./dom.js";

const OWN = ["credits", "models", "history", "favourites", "redeem", "gift", "buy", "defaults", "mydata", "forget", "help"];
const MOST = 24;

/** Suggestions for a text: what to show, what it means, and the whole text with it taken. */
export function hintsFor(text, known) {
  if (!text.startsWith("/")) return suggested(text, known);
  if (!text.includes(" ")) return matching(commands(), text);
  if (text.startsWith("/easel ")) return matching(commands(), text);
  return text.startsWith("/imagine ") ? suggested(text, known) : [];
}

/** What can follow in an order. */
function suggested(text, known) {
  const [, before, token] = /^(.*\s)(\S*)$/s.exec(text) ?? [];
  if (before === undefined) return [];
  const found = offered(before, token, text, known).filter((hint) => hint.take.toLowerCase().includes(token.toLowerCase()) && hint.take !== token);
  return found.slice(0, MOST).map((hint) => ({ ...hint, text: `${before}${hint.take} ` }));
}

/** What the typed order would cost with so many pictures given, or nothing to say. */
export function priceOf(text, known, inputs = 0) {
  const model = drawer(text, known, inputs);
  const images = Math.min(4, Number(typedFor("count", text, known) ?? 1)) || 1;
  return model && { model: model.name, credits: eachOf(model, text, known, inputs) * images };
}

/** The model that would draw what is typed; with pictures, one that takes so many. Nothing where nothing is ordered. */
export function drawer(text, known, inputs = 0) {
  if (!orders(text) || !known.models.length) return null;
  const model = modelOf(text, known);
  const takes = (one) => !one.upscales && one.inputs_min <= inputs && inputs <= one.inputs;
  return typedFor("model", text, known) || takes(model) ? model : (known.models.find(takes) ?? model);
}

/** Whether a line asks for a picture: plain words do, too. */
const orders = (text) => (text.startsWith("/") ? text.startsWith("/imagine ") : text.trim() !== "");

/** What an image costs with what is typed: the first row of the table that fits, as the core reads it. */
function eachOf(model, text, known, inputs) {
  const asked = { ...model.usual, inputs: String(inputs) };
  for (const [name, value] of typedFlags(text)) {
    const flag = flagNamed(name, known)?.flag ?? `--${name.replaceAll("_", "-").toLowerCase()}`;
    const values = Object.entries(model.asks[flag] ?? {});
    Object.assign(asked, values.find(([one]) => one.toLowerCase() === value.toLowerCase())?.[1]);
  }
  const fits = ({ when }) => Object.entries(when).every(([name, values]) => values.includes(asked[name] ?? ""));
  return model.prices.find(fits).credits + inputs * model.input_credits;
}

/** The values of the flag that was just typed, or the flags when one begins. */
function offered(before, token, text, known) {
  const name = /(?:^|\s)[-–—]+([a-z][\w-]*)[\s=]+$/i.exec(before)?.[1];
  const flag = name && (flagNamed(name, known) ?? { flag: `--${name}` });
  if (flag && flag.kind !== "switch") return values(flag, text, known);
  return token.startsWith("-") ? flags(text, known) : [];
}

function commands() {
  return [
    { take: "/imagine", about: say("about-imagine") },
    ...OWN.map((name) => ({ take: `/easel ${name}`, about: say(`about-${name}`) })),
  ];
}

function matching(all, text) {
  return all
    .filter((hint) => hint.take.startsWith(text.toLowerCase()) && hint.take !== text)
    .map((hint) => ({ ...hint, text: hint.take === "/imagine" ? "/imagine " : hint.take }));
}

/** The flag of the table that is meant, in any case and with any joint. */
function flagNamed(name, known) {
  const spelling = name.replaceAll("-", "_").toLowerCase();
  return known.flags.find((flag) => flag.spellings.includes(spelling));
}

/** What was typed last for the flag of a kind. */
function typedFor(kind, text, known) {
  return typedFlags(text).findLast(([name]) => flagNamed(name, known)?.kind === kind)?.[1];
}

/** The flags that were typed with a value. */
function typedFlags(text) {
  const typed = text.matchAll(/(?:^|\s)[-–—]+([a-z][\w-]*)[\s=]+(?![-–—])(\S+)/gi);
  return Array.from(typed, ([, name, value]) => [name, value]);
}

function modelOf(text, known) {
  const typed = typedFor("model", text, known)?.toLowerCase();
  const named = typed && known.models.find((m) => [m.name, m.id, ...m.aliases].some((n) => n.toLowerCase() === typed));
  return named || known.models.find((model) => model.default) || known.models[0];
}

function flags(text, known) {
  const taken = modelOf(text, known)?.flags ?? {};
  const ours = known.flags.filter(({ flag, kind, every }) =>
    kind === "style" ? known.styles.length : every || flag in taken);
  const abouts = Object.fromEntries(ours.map(({ flag, about }) => [flag, about]));
  const others = Object.keys(taken).filter((flag) => !known.flags.some((one) => one.flag === flag));
  return [...Object.keys(abouts), ...others]
    .filter((flag) => !text.includes(`${flag} `))
    .map((flag) => ({ take: flag, about: abouts[flag] || taken[flag]?.slice(0, 4).join(", ") || flag.slice(2) }));
}

function values({ flag, kind }, text, known) {
  const plain = (all) => all.map((value) => ({ take: value, about: "" }));
  if (kind === "style") return known.styles.map(({ name, about, picture }) => ({ take: name, about, picture }));
  if (kind === "model") {
    return known.models.map((model) => ({
      take: model.name,
      about: [say("each", { credits: ranged(model.range) }), model.default ? say("default") : ""].filter(Boolean).join(" · "),
    }));
  }
  const model = modelOf(text, known);
  const taken = model?.flags[flag] ?? [];
  return plain(kind === "shape" && !taken.length ? known.shapes : taken).map((value) => ({
    ...value,
    about: model?.asks[flag] ? say("each", { credits: eachOf(model, `${text} ${flag} ${value.take}`, known, 0) }) : "",
  }));
}

function ranged([least, most]) {
  return least === most ? least : `${least}–${most}`;
}
