// The flags in a line of words: read, written and taken out, by the table that the server sends.

/** Whether a line asks for a picture: plain words do, too. */
export const orders = (text) => (text.startsWith("/") ? text.startsWith("/imagine ") : text.trim() !== "");

/** The flag of the table that is meant, in any case and with any joint. */
export function flagNamed(name, known) {
  const spelling = name.replaceAll("-", "_").toLowerCase();
  return known.flags.find((flag) => flag.spellings.includes(spelling));
}

/** The flags that were typed with a value. */
export function typedFlags(text) {
  const typed = text.matchAll(/(?:^|\s)[-–—]+([a-z][\w-]*)[\s=]+(?![-–—])(\S+)/gi);
  return Array.from(typed, ([, name, value]) => [name, value]);
}

/** What was typed last for the flag of a kind. */
export const typedFor = (kind, text, known) =>
  typedFlags(text).findLast(([name]) => flagNamed(name, known)?.kind === kind)?.[1];

/** What was typed last for a flag: its value, true for one that stands alone, or nothing. */
export function valueOf(flag, text) {
  const found = Array.from(text.matchAll(pattern(flag))).at(-1);
  return found && (flag.kind === "switch" ? found[1] !== "no" : found[1]);
}

/** The line with a flag set, where it stood or at the end; null takes it out. */
export function withFlag(text, flag, value, model) {
  const rivals = (model?.either ?? []).filter((group) => group.includes(flag.flag)).flat();
  const others = value === null ? [] : rivals.filter((name) => name !== flag.flag);
  const bare = others.reduce((line, name) => line.replace(pattern({ spellings: [name.slice(2)] }), ""), text);
  const set = value === null ? "" : ` ${flag.flag}${value === true ? "" : ` ${value}`}`;
  if (!bare.match(pattern(flag))) return set ? bare.trimEnd() + set : bare;
  let done = false;
  return bare.replace(pattern(flag), () => (done ? "" : ((done = true), set)));
}

/** The line without what a model would refuse. */
export const fitting = (text, model, known) =>
  refused(text, model, known).reduce((line, flag) => withFlag(line, flag, null), text);

/** The typed flags that a model doesn't take, or not with their value; a near shape is taken. */
export function refused(text, model, known) {
  return typedFlags(text)
    .map(([name, value]) => ({ flag: flagNamed(name, known) ?? others(name), value }))
    .filter(({ flag, value }) => !takes(model, flag, value, known))
    .map(({ flag }) => flag);
}

/** A flag that no row of the table has: a parameter of some model, or another bot's. */
const others = (name) => ({ flag: `--${name.replaceAll("_", "-").toLowerCase()}`, spellings: [name], kind: "other" });

function takes(model, { flag, kind, every }, value, known) {
  if (every && kind !== "count") return true;
  const values = model.flags[flag];
  if (!values) return kind === "other" && !known.models.some((one) => flag in one.flags);
  return !values.length || kind === "shape" || values.some((one) => one.toLowerCase() === value.toLowerCase());
}

function pattern({ spellings, kind }) {
  const names = spellings.map((name) => name.replaceAll("_", "[-_]")).join("|");
  const value = kind === "switch" ? "(?:=(\\S+))?" : "(?:[\\s=]+(?![-–—])(\\S+))?";
  return new RegExp(`(?:^|\\s+)[-–—]+(?:${names})${value}(?=\\s|$)`, "gi");
}
