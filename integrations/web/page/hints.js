// What can be typed next, and what it will cost: from memory, while typing.

import { say } from "./dom.js";
import { flagNamed, orders, refused, typedFlags, typedFor } from "./flags.js";

const MOST = 24;
const NOTHING = { pictures: 0, masked: false, suggested: {} };

/** Suggestions for a text: what to show, what it means, and the whole text with it taken. Nothing that is refused. */
export function hintsFor(text, known) {
  if (!text.startsWith("/")) return suggested(text, known);
  if (!text.includes(" ") || text.startsWith("/easel ")) return matching(known.commands, text);
  return text.startsWith("/imagine ") ? suggested(text, known) : [];
}

/** What can follow in an order. */
function suggested(text, known) {
  const [, before, token] = /^(.*\s)(\S*)$/s.exec(text) ?? [];
  if (before === undefined) return [];
  const found = offered(before, token, text, known).filter((hint) => hint.take.toLowerCase().includes(token.toLowerCase()) && hint.take !== token);
  return found.slice(0, MOST).map((hint) => ({ ...hint, text: `${before}${hint.take} ` }));
}

/** What an order has beside its line: what it begins with, as the server tells, and what is given with it here. */
export const givenWith = (begins, pictures, masked = false) =>
  ({ ...NOTHING, ...begins, pictures: (begins?.pictures ?? 0) + pictures, masked: masked || Boolean(begins?.masked) });

/** What the typed order would cost with what is given, or nothing to say: words that name pictures are the server's to read. */
export function priceOf(text, known, given = NOTHING) {
  const model = namesPictures(text, known) ? null : drawer(text, known, given);
  return model && { model: model.name, credits: eachOf(model, text, known, given) * imagesOf(model, text, known) };
}

const namesPictures = (text, known) => Boolean(typedFor("pictures", text, known)) || /https?:\/\//i.test(text);

/** How many images: what is typed, as far as the model draws so many. */
function imagesOf(model, text, known) {
  const most = model.flags[known.flags.find(({ kind }) => kind === "count").flag]?.length ?? 1;
  return Math.max(1, Math.min(most, Number(typedFor("count", text, known) ?? 1) || 1));
}

/** The model that would draw what is typed. Nothing where nothing is ordered, or nothing here can tell. */
export function drawer(text, known, given = NOTHING) {
  if (!orders(text)) return null;
  return typedFor("model", text, known) ? namedIn(text, known) : usualFor(known, given);
}

/** The model whose flags and values are offered: the one that is typed, else the usual one. */
export const chosenFor = (text, known, given = NOTHING) => namedIn(text, known) ?? usualFor(known, given);

/** The model that draws from what is given where none is typed: the server tells. */
export const usualFor = (known, { pictures, masked } = NOTHING) =>
  known.models.find(({ id }) => id === (masked ? known.usual.masked : known.usual.plain)[pictures]);

function namedIn(text, known) {
  const typed = typedFor("model", text, known)?.toLowerCase();
  return known.models.find((m) => [m.name, m.id, ...m.aliases].some((n) => n.toLowerCase() === typed));
}

/** The models that draw what is typed, those to name first in front. */
export function modelsFor(text, known, inputs = 0) {
  const ranks = Object.values(known.leading);
  const rank = (model) => (ranks.includes(model.name) ? ranks.indexOf(model.name) : ranks.length);
  return known.models.filter((model) => takes(model, inputs)).sort((one, other) => rank(one) - rank(other));
}

const takes = (model, inputs) => !model.upscales && model.inputs_min <= inputs && inputs <= model.inputs;

/** What an image costs with what is typed and given: the first row of the table that fits, as the core reads it. */
export function eachOf(model, text, known, { pictures, suggested } = NOTHING) {
  const shape = model.asks[known.flags.find(({ kind }) => kind === "shape").flag]?.[suggested.aspect] ?? {};
  const shaped = Object.entries(shape).filter(([name]) => !model.sized.includes(name));
  const asked = { ...model.usual, ...Object.fromEntries(shaped), inputs: String(pictures) };
  for (const [name, value] of typedFlags(text)) {
    const flag = flagNamed(name, known)?.flag ?? `--${name.replaceAll("_", "-").toLowerCase()}`;
    const values = Object.entries(model.asks[flag] ?? {});
    Object.assign(asked, values.find(([one]) => one.toLowerCase() === value.toLowerCase())?.[1]);
  }
  const fits = ({ when }) => Object.entries(when).every(([name, values]) => values.includes(asked[name] ?? ""));
  return model.prices.find(fits).credits + pictures * model.input_credits;
}

/** The values that a flag can have beside what is typed. */
export function valuesOf({ flag, kind }, model, known) {
  const taken = model?.flags[flag];
  return kind === "shape" && taken && !taken.length ? known.shapes : (taken ?? []);
}

/** What an image costs, by what is asked. */
export const ranged = ({ range: [least, most] }) => (least === most ? least : `${least}–${most}`);

/** The values of the flag that was just typed, or the flags when one begins. */
function offered(before, token, text, known) {
  const name = /(?:^|\s)[-–—]+([a-z][\w-]*)[\s=]+$/i.exec(before)?.[1];
  const flag = name && (flagNamed(name, known) ?? { flag: `--${name}` });
  if (flag && flag.kind !== "switch") return values(flag, before.slice(0, before.lastIndexOf(name)), text, known);
  return token.startsWith("-") ? flags(before, known) : [];
}

function matching(all, text) {
  return all
    .filter((hint) => hint.take.startsWith(text.toLowerCase()) && hint.take !== text)
    .map((hint) => ({ ...hint, text: hint.take === "/imagine" ? "/imagine " : hint.take }));
}

/** The flags that the model takes beside those that are typed. */
function flags(before, known) {
  const model = chosenFor(before, known);
  const taken = model?.flags ?? {};
  const typed = typedSwitches(before, known);
  const rivals = (model?.either ?? []).filter((group) => group.some((flag) => typed.has(flag))).flat();
  const ours = known.flags.filter(({ flag, kind, every }) =>
    kind === "style" ? known.styles.length : every || flag in taken);
  const abouts = Object.fromEntries(ours.map(({ flag, about }) => [flag, about]));
  const others = Object.keys(taken).filter((flag) => !known.flags.some((one) => one.flag === flag));
  return [...Object.keys(abouts), ...others]
    .filter((flag) => !typed.has(flag) && !rivals.includes(flag))
    .map((flag) => ({ take: flag, about: abouts[flag] || taken[flag]?.slice(0, 4).join(", ") || flag.slice(2) }));
}

/** All flags that are typed, with a value or without, as the table spells them. */
function typedSwitches(text, known) {
  const names = Array.from(text.matchAll(/(?:^|\s)[-–—]+([a-z][\w-]*)/gi), ([, name]) => name);
  return new Set(names.map((name) => flagNamed(name, known)?.flag ?? `--${name}`));
}

function values(flag, before, text, known) {
  if (flag.kind === "style") return known.styles.map(({ name, about, picture }) => ({ take: name, about, picture }));
  if (flag.kind === "model") {
    const why = Object.fromEntries(Object.entries(known.leading).map(([word, name]) => [name, say(word)]));
    return modelsFor(text, known).filter((model) => !refused(before, model, known).length).map((model) => ({
      take: model.name,
      about: [why[model.name], say("each", { credits: ranged(model) }), model.default ? say("default") : ""].filter(Boolean).join(" · "),
    }));
  }
  const model = chosenFor(text, known);
  return valuesOf(flag, model, known).map((value) => ({
    take: value,
    about: model?.asks[flag.flag] ? say("each", { credits: eachOf(model, `${text} ${flag.flag} ${value}`, known) }) : "",
  }));
}
