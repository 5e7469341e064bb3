// A mask: what is painted over a picture may change. It is sent as white on black, as large as the picture.

import { find } from "./dom.js";

/** The canvas that lies over the picture of the edit dialog. */
export class Mask {
  #canvas = find("mask");
  #size = find("brush");
  #last = null;
  #painted = false;
  #past = [];

  constructor(changed) {
    this.changed = changed;
    this.#canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#go(event));
    for (const name of ["pointerup", "pointercancel"]) this.#canvas.addEventListener(name, () => (this.#last = null));
    find("mask-undo").addEventListener("click", () => this.#undo());
    find("mask-clear").addEventListener("click", () => this.begin(this.#canvas.width, this.#canvas.height));
  }

  get painted() {
    return this.#painted;
  }

  /** A clean one, for a picture of this size. */
  begin(width, height) {
    Object.assign(this.#canvas, { width, height });
    this.#past = [];
    this.#mark(false);
  }

  /** The mask as a PNG, or null where nothing was painted. */
  async file() {
    if (!this.#painted) return null;
    const { width, height } = this.#canvas;
    const sheet = new OffscreenCanvas(width, height);
    const ink = sheet.getContext("2d");
    // Painted is half see-through here; there it is white, whole, and everything else black.
    ink.drawImage(this.#canvas, 0, 0);
    const pixels = ink.getImageData(0, 0, width, height);
    for (let place = 0; place < pixels.data.length; place += 4) {
      const light = pixels.data[place + 3] > 40 ? 255 : 0;
      pixels.data.set([light, light, light, 255], place);
    }
    ink.putImageData(pixels, 0, 0);
    return sheet.convertToBlob({ type: "image/png" });
  }

  #begin(event) {
    if (event.button) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#past = [...this.#past.slice(-9), this.#ink.getImageData(0, 0, this.#canvas.width, this.#canvas.height)];
    this.#last = this.#at(event);
    this.#stroke(this.#last);
  }

  #go(event) {
    if (!this.#last) return;
    const here = this.#at(event);
    this.#stroke(here);
    this.#last = here;
  }

  #stroke(to) {
    const ink = this.#ink;
    const share = Math.max(this.#canvas.width, this.#canvas.height) / 100;
    Object.assign(ink, { lineCap: "round", lineJoin: "round", lineWidth: Number(this.#size.value) * share, strokeStyle: "#e0408a" });
    ink.beginPath();
    ink.moveTo(this.#last.x, this.#last.y);
    ink.lineTo(to.x + 0.01, to.y);
    ink.stroke();
    this.#mark(true);
  }

  #undo() {
    const before = this.#past.pop();
    if (!before) return;
    this.#ink.putImageData(before, 0, 0);
    this.#mark(this.#past.length > 0);
  }

  #mark(painted) {
    this.#painted = painted;
    this.changed();
  }

  get #ink() {
    return this.#canvas.getContext("2d", { willReadFrequently: true });
  }

  #at(event) {
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.#canvas.width,
      y: ((event.clientY - box.top) / box.height) * this.#canvas.height,
    };
  }
}
