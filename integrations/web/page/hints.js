// What can be typed next, and what it will cost: from memory, while typing.

import { say } from "./dom.js";

const OWN = ["credits", "models", "history", "defaults", "forget", "help"];
const EVERYWHERE = { "--model": null, "--ar": null, "--n": null, "--no": null, "--private": null, "--spoiler": null };
const FREE = new Set(["--private", "--spoiler"]);
const SHAPES = ["1:1", "16:9", "9:16", "4:3", "3:4"];
const SHORT = { "-m": "--model", "-q": "--quality", "-s": "--style", "-n": "--n", "--aspect": "--ar", "--images": "--n" };
const WORDED = new Set(["ar", "model", "n", "style", "no", "quality", "size", "private", "spoiler"]);
const MOST = 24;

/** Suggestions for a text: what to show, what it means, and the whole text with it taken. */
export function hintsFor(text, known) {
  if (!text.startsWith("/")) return [];
  if (!text.includes(" ")) return matching(commands(), text);
  if (text.startsWith("/easel ")) return matching(commands(), text);
  if (!text.startsWith("/imagine ")) return [];
  const [, before, token] = /^(.*\s)(\S*)$/s.exec(text) ?? [];
  if (before === undefined) return [];
  const flag = flagBefore(before);
  const offered = flag && !FREE.has(flag) ? values(flag, text, known) : token.startsWith("-") ? flags(text, known) : [];
  const found = offered.filter((hint) => hint.take.toLowerCase().includes(token.toLowerCase()) && hint.take !== token);
  return found.slice(0, MOST).map((hint) => ({ ...hint, text: `${before}${hint.take} ` }));
}

/** What the typed order would cost, or nothing to say. */
export function priceOf(text, known) {
  if (!text.startsWith("/imagine ") || !known.models.length) return null;
  const model = modelOf(text, known);
  const images = Math.min(4, Number(/(?:--n|--images|-n)[\s=]+(\d)/.exec(text)?.[1] ?? 1)) || 1;
  return model && { model: model.name, credits: model.credits * images };
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

function flagBefore(before) {
  const typed = /(?:^|\s)([-–—]+[a-z][\w-]*)[\s=]+$/i.exec(before)?.[1]?.replace(/^[–—]+/, "--");
  return typed && (SHORT[typed] ?? typed);
}

function modelOf(text, known) {
  const typed = /(?:--model|-m)[\s=]+(\S+)/.exec(text)?.[1]?.toLowerCase();
  const named = typed && known.models.find((m) => [m.name, m.id, ...m.aliases].some((n) => n.toLowerCase() === typed));
  return named || known.models.find((model) => model.default) || known.models[0];
}

function flags(text, known) {
  const taken = { ...EVERYWHERE, ...(modelOf(text, known)?.flags ?? {}) };
  if (!known.styles.length) delete taken["--style"];
  return Object.keys(taken)
    .filter((flag) => !text.includes(`${flag} `))
    .map((flag) => ({ take: flag, about: aboutFlag(flag, taken[flag]) }));
}

function aboutFlag(flag, values) {
  const name = flag.slice(2);
  if (WORDED.has(name)) return say(`flag-${name}`);
  return values?.length ? values.slice(0, 4).join(", ") : name;
}

function values(flag, text, known) {
  if (flag === "--model") {
    return known.models.map((model) => ({
      take: model.name,
      about: [say("each", { credits: model.credits }), model.default ? say("default") : ""].filter(Boolean).join(" · "),
    }));
  }
  if (flag === "--style") return known.styles.map((style) => ({ take: style, about: "" }));
  const offered = modelOf(text, known)?.flags[flag] ?? [];
  return (offered.length || flag !== "--ar" ? offered : SHAPES).map((value) => ({ take: value, about: "" }));
}
