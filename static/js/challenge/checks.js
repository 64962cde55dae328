// What is wrong with a submission's zip, found before a byte travels. The server looks again, and closer.

import { _ } from "../page/texts.js";
import { entriesOf, firstBytes } from "./zip.js";

const IMAGE = /\.(?:png|jpe?g|tiff?|webp|bmp)$/i;
const JUNK = /(?:^|\/)(?:\.|~\$|thumbs\.db$|desktop\.ini$|__macosx(?:\/|$))/i;
const README = /(?:^|\/)readme\.txt$/i;
const PNG = [137, 80, 78, 71, 13, 10, 26, 10];

const stem = (name) => name.replace(/^.*\//, "").replace(/\.[^.]*$/, "");

async function inHeader(file, entry, size) {
  const bytes = await firstBytes(file, entry, 33);
  if (!PNG.every((byte, place) => bytes[place] === byte)) {
    return /\.png$/i.test(entry.name) ? _("not a PNG, whatever its name says; save it as PNG") : null;
  }
  const data = new DataView(bytes.buffer);
  const [width, height] = [data.getUint32(16), data.getUint32(20)];
  if (size && (width !== size[0] || height !== size[1])) {
    return _("%(width)s×%(height)s pixels, but it must have %(wide)s×%(high)s", {
      width,
      height,
      wide: size[0],
      high: size[1],
    });
  }
  return null;
}

class Looking {
  constructor(file, wanted) {
    this.file = file;
    this.wanted = wanted;
    this.problems = [];
    this.seen = new Map();
    this.readme = false;
  }

  say(name, what) {
    this.problems.push({ name, what });
  }

  async look(entry) {
    const { name } = entry;
    if (name.endsWith("/") || JUNK.test(name)) return;
    if (entry.encrypted) this.say(name, _("encrypted; pack the images again as a plain zip"));
    if (README.test(name)) {
      this.readme = true;
      return;
    }
    if (name.includes("/")) {
      this.say(name, _("lies in a folder; pack the images themselves, not their folder"));
    }
    if (IMAGE.test(name)) await this.image(entry);
    else if (stem(name) in this.wanted) {
      this.say(name, _("not an image of an accepted format; save it as PNG"));
    }
  }

  async image(entry) {
    const { name } = entry;
    const key = stem(name);
    if (!(key in this.wanted)) {
      this.say(name, _("not asked for; name images as the inputs"));
    } else if (this.seen.has(key)) {
      const other = this.seen.get(key);
      this.say(name, _("could be the same image as %(other)s; keep one of the two", { other }));
    } else {
      this.seen.set(key, name);
      const what = entry.encrypted ? null : await inHeader(this.file, entry, this.wanted[key].size);
      if (what) this.say(name, what);
    }
  }

  missing() {
    if (!this.readme) this.say("readme.txt", _("missing; add it"));
    for (const [key, image] of Object.entries(this.wanted)) {
      if (!this.seen.has(key)) this.say(image.name, _("missing; a submission has every image"));
    }
  }
}

export async function problemsOf(file, wanted) {
  const looking = new Looking(file, wanted);
  try {
    for (const entry of await entriesOf(file)) await looking.look(entry);
  } catch {
    return [{ name: file.name, what: _("not a zip, or cut off; pack the images again") }];
  }
  looking.missing();
  return looking.problems;
}
