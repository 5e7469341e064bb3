// "Now" stays what it says: asked for anew while somebody looks, and held still while a finger or the keyboard is in it.
const EVERY_MS = 5000;
const live = document.getElementById("live");
const pause = document.getElementById("pause");
let held = false;

pause.hidden = false;
pause.addEventListener("click", () => {
  held = !held;
  pause.textContent = held ? pause.dataset.go : pause.dataset.pause;
});

async function refresh() {
  if (held || document.hidden || live.contains(document.activeElement) || String(getSelection())) return;
  try {
    const answer = await fetch("/admin", { signal: AbortSignal.timeout(EVERY_MS * 2) });
    if (answer.redirected) return location.reload(); // the session is over
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!fresh) throw new Error("no such sheet");
    live.replaceChildren(...fresh.childNodes);
  } catch {
    document.getElementById("as-of").textContent = live.dataset.offline;
  }
}

async function go() {
  await refresh();
  setTimeout(go, EVERY_MS);
}
setTimeout(go, EVERY_MS);
