// What can be typed next, and what it will cost: from memory, while typing.

import { say } from "./dom.js";
import { flagNamed, orders, refused, typedFlags, typedFor } from "./flags.js";

const MOST = 24;

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

/** What the typed order would cost with so many pictures given, or nothing to say. */
export function priceOf(text, known, inputs = 0) {
  const model = drawer(text, known, inputs);
  const images = Math.min(4, Number(typedFor("count", text, known) ?? 1)) || 1;
  return model && { model: model.name, credits: eachOf(model, text, known, inputs) * images };
}

/** The model that would draw what is typed; with pictures, one that takes so many. Nothing where nothing is ordered. */
export function drawer(text, known, inputs = 0) {
  return orders(text) && known.models.length ? chosenFor(text, known, inputs) : null;
}

/** The model that is typed, or goes without being typed. */
export function chosenFor(text, known, inputs = 0) {
  const model = modelOf(text, known);
  return typedFor("model", text, known) || !model || takes(model, inputs) ? model : (known.models.find((one) => takes(one, inputs)) ?? model);
}

/** The models that draw what is typed, those to name first in front. */
export function modelsFor(text, known, inputs = 0) {
  const ranks = Object.values(known.leading);
  const rank = (model) => (ranks.includes(model.name) ? ranks.indexOf(model.name) : ranks.length);
  return known.models.filter((model) => takes(model, inputs)).sort((one, other) => rank(one) - rank(other));
}

const takes = (model, inputs) => !model.upscales && model.inputs_min <= inputs && inputs <= model.inputs;

/** What an image costs with what is typed: the first row of the table that fits, as the core reads it. */
export function eachOf(model, text, known, inputs = 0) {
  const asked = { ...model.usual, inputs: String(inputs) };
  for (const [name, value] of typedFlags(text)) {
    const flag = flagNamed(name, known)?.flag ?? `--${name.replaceAll("_", "-").toLowerCase()}`;
    const values = Object.entries(model.asks[flag] ?? {});
    Object.assign(asked, values.find(([one]) => one.toLowerCase() === value.toLowerCase())?.[1]);
  }
  const fits = ({ when }) => Object.entries(when).every(([name, values]) => values.includes(asked[name] ?? ""));
  return model.prices.find(fits).credits + inputs * model.input_credits;
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

function modelOf(text, known) {
  const typed = typedFor("model", text, known)?.toLowerCase();
  const named = typed && known.models.find((m) => [m.name, m.id, ...m.aliases].some((n) => n.toLowerCase() === typed));
  return named || known.models.find((model) => model.default) || known.models[0];
}

/** The flags that the model takes beside those that are typed. */
function flags(before, known) {
  const model = modelOf(before, known);
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
  const model = modelOf(text, known);
  return valuesOf(flag, model, known).map((value) => ({
    take: value,
    about: model?.asks[flag.flag] ? say("each", { credits: eachOf(model, `${text} ${flag.flag} ${value}`, known) }) : "",
  }));
}
