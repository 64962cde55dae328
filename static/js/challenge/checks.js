// What is wrong with a submission's zip, found before a byte of it travels. The server looks again, and closer.

import { _ } from "../page/texts.js";
import { entriesOf, firstBytes } from "./zip.js";

const IMAGE = /\.(?:png|jpe?g|tiff?|webp|bmp)$/i;
const ARCHIVE = /\.(?:zip|tar|tgz|gz|xz|bz2|7z|rar)$/i;
const JUNK = /(?:^|\/)(?:\.|~\$|thumbs\.db$|desktop\.ini$|__macosx(?:\/|$))/i;
const README = /(?:^|\/)readme\.txt$/i;
const PNG = [137, 80, 78, 71, 13, 10, 26, 10];
const ALPHA = [4, 6]; // types of colour in a PNG's header
const LONGEST_README = 1 << 18;
const BOMB = { free: 64 * 2 ** 20, ratio: 50 };

const stem = (name) => name.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
const plain = (name) => name.toLowerCase().replace(/^0+(?=\d)/, "");
const numbered = (count) => new Intl.NumberFormat("en").format(count);

class Looking {
  constructor(file, { images, largest, readme }) {
    Object.assign(this, { file, wanted: images, largest, askReadme: readme });
    this.problems = [];
    this.seen = new Map();
    this.folders = new Map();
    this.readme = null;
  }

  say(name, what) {
    this.problems.push({ name, what });
  }

  remark(name, what) {
    this.problems.push({ name, what, remark: true });
  }

  async all() {
    if (this.file.size > this.largest) {
      this.say(
        this.file.name,
        _("larger than the %(most)s bytes that a submission may have", {
          most: numbered(this.largest),
        }),
      );
      return;
    }
    for (const entry of await entriesOf(this.file)) await this.look(entry);
    for (const [folder, count] of this.folders) {
      this.say(
        `${folder}/`,
        _("a folder with files: %(count)s; pack the images themselves, not their folder", {
          count,
        }),
      );
    }
    if (this.readme) await this.lines();
    else this.say("readme.txt", _("missing; add it"));
    this.missing();
  }

  async look(entry) {
    const { name } = entry;
    if (name.endsWith("/") || JUNK.test(name)) return;
    if (entry.encrypted) this.say(name, _("encrypted; pack the images again as a plain zip"));
    else if (entry.size > BOMB.free && entry.size > BOMB.ratio * entry.packed) {
      this.seen.set(stem(name), name);
      this.say(name, _("unpacks to %(size)s bytes, as only a zip bomb does", { size: numbered(entry.size) }));
    } else if (README.test(name)) this.readme = entry;
    else {
      if (name.includes("/")) {
        const folder = name.replace(/\/[^/]*$/, "");
        this.folders.set(folder, (this.folders.get(folder) ?? 0) + 1);
      }
      await this.content(entry);
    }
  }

  async content(entry) {
    const { name } = entry;
    if (IMAGE.test(name)) await this.image(entry);
    else if (ARCHIVE.test(name)) this.say(name, _("an archive in the zip; pack the images themselves"));
    else if (stem(name) in this.wanted) {
      this.say(name, _("not an image of an accepted format; save it as PNG"));
    }
  }

  async image(entry) {
    const { name } = entry;
    const key = stem(name);
    if (!(key in this.wanted)) {
      this.notAskedFor(name, key);
    } else if (this.seen.has(key)) {
      const other = this.seen.get(key);
      this.say(name, _("could be the same image as %(other)s; keep one of the two", { other }));
    } else {
      this.seen.set(key, name);
      if (!entry.encrypted) await this.header(entry, this.wanted[key].size);
    }
  }

  notAskedFor(name, key) {
    const meant = Object.keys(this.wanted).filter((image) => plain(image) === plain(key));
    if (meant.length !== 1) {
      this.say(name, _("not asked for; name images as the inputs"));
      return;
    }
    // It is there by another name: not missing, too.
    this.seen.set(meant[0], name);
    this.say(name, _("not asked for; did you mean %(name)s?", { name: this.wanted[meant[0]].name }));
  }

  async header(entry, size) {
    const { name } = entry;
    const bytes = await firstBytes(this.file, entry, 33);
    const isPng = PNG.every((byte, place) => bytes[place] === byte);
    if (!isPng && /\.png$/i.test(name)) {
      this.say(name, _("not a PNG, whatever its name says; save it as PNG"));
    }
    if (!isPng || bytes.length < 33) return;
    if (!/\.png$/i.test(name)) this.say(name, _("a PNG, whatever its name says; call it .png"));
    const data = new DataView(bytes.buffer);
    const [width, height] = [data.getUint32(16), data.getUint32(20)];
    if (size && (width !== size[0] || height !== size[1])) {
      this.say(
        name,
        _("%(width)s×%(height)s pixels, but it must have %(wide)s×%(high)s", {
          width,
          height,
          wide: size[0],
          high: size[1],
        }),
      );
    }
    if (bytes[24] === 16) this.remark(name, _("16 bit; the server keeps the upper 8, so save it as 8 bit"));
    if (ALPHA.includes(bytes[25])) {
      this.remark(name, _("has an alpha channel; save it as RGB, for transparent pixels are refused"));
    }
  }

  async lines() {
    const bytes = await firstBytes(this.file, this.readme, LONGEST_README);
    for (const { line, what, remedy } of await this.askReadme(bytes)) {
      this.say(line ? `readme.txt:${line}` : "readme.txt", `${what}; ${remedy}`);
    }
  }

  missing() {
    const images = Object.entries(this.wanted);
    if (images.length > 0 && this.seen.size === 0) {
      const names = images.slice(0, 3).map(([, { name }]) => name);
      this.say(
        this.file.name,
        _("has none of the %(count)s images; name them as the inputs: %(names)s", {
          count: images.length,
          names: names.join(", "),
        }),
      );
      return;
    }
    for (const [key, image] of images) {
      if (!this.seen.has(key)) this.say(image.name, _("missing; a submission has every image"));
    }
  }
}

/**
 * Look at a zip; return what is wrong or remarkable, as { name, what, remark }.
 *
 * `wanted` has the `images` by name, the `largest` number of bytes, and `readme`, which asks somebody who
 * knows what is wrong with the bytes of a readme.txt.
 */
export async function problemsOf(file, wanted) {
  const looking = new Looking(file, wanted);
  try {
    await looking.all();
  } catch {
    return [{ name: file.name, what: _("not a zip, or cut off; pack the images again") }];
  }
  return looking.problems;
}

/** Look at the zip of a model; return what is wrong with it, as `problemsOf` does. */
export async function problemsOfModel(file, largest) {
  if (file.size > largest) {
    const most = numbered(largest);
    return [
      { name: file.name, what: _("larger than the %(most)s bytes that a submission may have", { most }) },
    ];
  }
  let entries;
  try {
    entries = await entriesOf(file);
  } catch {
    return [{ name: file.name, what: _("not a zip, or cut off; pack it again") }];
  }
  const names = entries.map((entry) => entry.name).filter((name) => !JUNK.test(name));
  const problems = entries
    .filter((entry) => entry.encrypted)
    .map(({ name }) => ({ name, what: _("encrypted; pack it again as a plain zip") }));
  if (!names.some((name) => /^(?:[^/]+\/)?models\/./.test(name))) {
    problems.push({ name: "models/", what: _("missing; pack the repository with models/ and model_zoo/") });
  }
  return problems;
}
