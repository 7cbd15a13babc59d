// Photos: uploaded at once, sent with what they belong to; and those of messages, for this session alone.

import { Refused, fetchFile, upload } from "./api.js";
import { say } from "./config.js";
import { make, makeButton } from "./dom.js";

const MOST = 4;
const TYPES = "image/jpeg,image/png,image/webp";
const LARGEST = 8 * 1024 * 1024;

const large = document.getElementById("photo");
let token = () => null;

/** `current()` is the token of the session. */
export function bind(current) {
  token = current;
  large.addEventListener("click", () => large.close());
  large.addEventListener("close", () => large.replaceChildren());
}

/** A button that adds photos, and those that were added. */
export class PhotoPicker {
  #kept = [];
  busy = false;

  constructor({ onChange = () => {}, button = null }) {
    this.onChange = onChange;
    this.box = make("div", "photo-picker");
    this.list = make("ul", "thumbs");
    this.problem = make("p", "problem");
    this.problem.setAttribute("role", "alert");
    this.input = make("input");
    this.input.type = "file";
    this.input.accept = TYPES;
    this.input.multiple = true;
    this.input.hidden = true;
    this.input.setAttribute("aria-label", say("addPhoto"));
    this.button = button ?? makeButton("plain", say("addPhoto"), () => {});
    this.button.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => this.#add([...this.input.files]));
    this.box.append(this.list, ...(button ? [] : [this.button]), this.input, this.problem);
  }

  ids() {
    return this.#kept.map((photo) => photo.id);
  }

  clear() {
    this.#kept = [];
    this.list.replaceChildren();
    this.problem.textContent = "";
  }

  async #add(files) {
    this.input.value = "";
    this.problem.textContent = "";
    for (const file of files) {
      if (this.#kept.length >= MOST) this.problem.textContent = say("photosMost", { limit: MOST });
      else if (file.size > LARGEST) this.problem.textContent = say("photoLarge");
      else await this.#send(file);
    }
  }

  async #send(file) {
    const entry = make("li", "sending");
    this.list.append(entry);
    this.busy = true;
    try {
      const { photo } = await upload("photos", token(), file);
      this.#kept.push(photo);
      const image = make("img");
      image.alt = file.name;
      image.src = URL.createObjectURL(file);
      const remove = makeButton("remove", "×", () => {
        this.#kept = this.#kept.filter((other) => other !== photo);
        entry.remove();
        this.onChange();
        this.button.focus();
      });
      remove.setAttribute("aria-label", say("removePhoto"));
      entry.className = "";
      entry.append(image, remove);
    } catch (error) {
      entry.remove();
      this.problem.textContent = (error instanceof Refused && error.message) || say("photoFailed");
    }
    this.busy = false;
    this.onChange();
  }
}

/** The photos of a message, small; each opens large. */
export function drawPhotos(photos) {
  const list = make("ul", "thumbs");
  for (const photo of photos) {
    const entry = make("li");
    const button = makeButton("", "", () => openLarge(photo));
    button.setAttribute("aria-label", say("openPhoto"));
    entry.append(button);
    list.append(entry);
    show(photo, "&size=small", button);
  }
  return list;
}

function openLarge(photo) {
  large.showModal();
  show(photo, "", large);
}

async function show(photo, size, into) {
  try {
    const url = URL.createObjectURL(await fetchFile(`photo?id=${photo.id}${size}`, token()));
    const image = make("img");
    image.alt = say("photo");
    image.addEventListener("load", () => URL.revokeObjectURL(url));
    image.src = url;
    into.replaceChildren(image);
  } catch {
    into.replaceChildren(say("photoFailed"));
  }
}
