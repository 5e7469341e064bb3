// The wire: requests that may be sent again without happening twice, and the stream of changes.

const TRIES = 9;
const UPLOAD_TRIES = 3;
const UPLOAD_PATIENCE_MS = 90_000;
const PATIENCE_MS = 20_000;
const SILENCE_MS = 40_000; // the server gives a sign of life every 15 s

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** What the server has refused, with its sentence. */
export class Refused extends Error {
  /** `offers` can be pressed below the sentence; `until` is the moment until which it holds; `again` could be drawn. */
  constructor({ message, offers = [], until = null, typed = "", fault = "", again = "" }) {
    super(message);
    Object.assign(this, { offers, until, typed, fault, again });
  }
}

/** The server could not be reached, or could not answer now. */
export class Unreached extends Error {}

/** Sends one file up; answers what the server calls it. */
export async function upload(path, person, file) {
  for (let turn = 0; ; turn += 1) {
    try {
      return await once("POST", path, person, file);
    } catch (error) {
      if (!(error instanceof Unreached) || turn + 1 >= UPLOAD_TRIES) throw error;
      await pause(500 * 2 ** turn);
    }
  }
}

async function once(method, path, person, body) {
  const file = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: {
        "X-Easel-Page": "1",
        "X-Easel-Person": person,
        ...(body ? { "Content-Type": file ? body.type || "application/octet-stream" : "application/json" } : {}),
      },
      body: file ? body : body && JSON.stringify(body),
      keepalive: method === "POST" && !file, // what is done is done, also while the page closes
      signal: AbortSignal.timeout(file ? UPLOAD_PATIENCE_MS : PATIENCE_MS),
    });
  } catch {
    throw new Unreached();
  }
  if (answer.status === 401) location.assign("/page/login");
  if (answer.status >= 500) throw new Unreached();
  const content = await answer.json().catch(() => {
    throw new Unreached();
  });
  if (!answer.ok) throw new Refused(content.error);
  return content;
}

export const ask = (path, person) => once("GET", path, person);

/** Sends until it is answered: the body's key makes the server do it once. */
export async function send(path, person, body) {
  for (let turn = 0; ; turn += 1) {
    try {
      return await once("POST", path, person, turn ? { ...body, again: true } : body);
    } catch (error) {
      if (!(error instanceof Unreached) || turn + 1 >= TRIES) throw error;
      await pause(Math.min(5000, 300 * 2 ** turn));
    }
  }
}

/** The stream of changes for one person; comes back by itself with the state that it has. */
export class Stream {
  #source = null;
  #last = "";
  #watch = 0;
  #again = 0;
  #turn = 0;

  constructor(person, { change, note, state }) {
    this.person = person;
    this.change = change;
    this.note = note;
    this.state = state;
    this.#open();
  }

  close() {
    clearTimeout(this.#watch);
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = null;
  }

  /** Opens anew at once: the network is back, or the page is looked at again. */
  wake() {
    this.close();
    this.#open();
  }

  #open() {
    const query = new URLSearchParams({ as: this.person, last: this.#last });
    const source = new EventSource(`/page/events?${query}`);
    this.#source = source;
    this.#listenLongEnough();
    source.addEventListener("open", () => {
      this.#turn = 0;
      this.#listenLongEnough();
      this.state("online");
    });
    source.addEventListener("beat", () => this.#listenLongEnough());
    source.addEventListener("change", (event) => {
      this.#listenLongEnough();
      this.#last = event.lastEventId;
      this.change(JSON.parse(event.data));
    });
    source.addEventListener("note", (event) => {
      this.#listenLongEnough();
      this.note(JSON.parse(event.data).text);
    });
    source.addEventListener("error", () => this.#comeBack());
  }

  #listenLongEnough() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#comeBack(), SILENCE_MS);
  }

  #comeBack() {
    this.close();
    this.state("offline");
    this.#turn += 1;
    this.#again = setTimeout(() => this.#open(), Math.min(8000, 400 * 2 ** (this.#turn - 1)));
  }
}
