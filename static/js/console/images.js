// Uploading what was handed in: files, zips and folders, a few at a time, continued after a cut or a reload.

import { element, setText } from "../page/dom.js";
import { _ } from "../page/texts.js";

const AT_ONCE = 3;
const CHUNK = 32 * 1024 * 1024; // a proxy that keeps whole requests keeps no more than this
const RETRIES = [0, 1000, 3000, 5000, 10000, 20000];
const JUNK = /^(?:\.|~\$|thumbs\.db$|desktop\.ini$|__macosx$)/i;

const { tus } = globalThis;
const data = JSON.parse(document.getElementById("images-data").textContent);
const list = document.getElementById("sending");
const drop = document.getElementById("drop");
const token = document.querySelector('input[name="csrf_token"]')?.value ?? "";

const waiting = [];
let running = 0;
let failed = 0;

const percent = (sent, total) => `${Math.floor((100 * sent) / Math.max(1, total))} %`;

function lineFor(name) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": name });
  const words = element("span", {}, [_("waiting")]);
  const line = element("p", { class: "sending-line" }, [element("bdi", {}, [name]), bar, words]);
  list.append(line);
  return { bar, words, line };
}

function said(error) {
  const body = error.originalResponse?.getBody?.() ?? "";
  return body && body.length < 400 && !body.startsWith("<") ? body : _("The connection was lost.");
}

function send({ file, name }) {
  const { bar, words, line } = lineFor(name);
  const upload = new tus.Upload(file, {
    endpoint: data.uploads,
    chunkSize: CHUNK,
    retryDelays: RETRIES,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name, relativePath: name },
    headers: { "X-CSRFToken": token },
    // The path within a chosen folder tells files of one name apart.
    fingerprint: async (chosen) =>
      ["studyapp", data.uploads, name, chosen.size, chosen.lastModified].join("|"),
    onProgress(sent, total) {
      bar.value = sent / Math.max(1, total);
      setText(words, percent(sent, total));
    },
    onError(error) {
      failed += 1;
      setText(words, _("stopped: %(why)s", { why: said(error) }));
      const again = element("button", { class: "button small", type: "button" }, [_("Try again")]);
      again.addEventListener("click", () => {
        failed -= 1;
        line.remove();
        waiting.push({ file, name });
        next();
      });
      line.append(again);
      done();
    },
    onSuccess() {
      line.remove();
      done();
    },
  });
  upload.findPreviousUploads().then((found) => {
    if (found.length > 0) upload.resumeFromPreviousUpload(found[0]);
    upload.start();
  });
}

function done() {
  running -= 1;
  next();
}

function next() {
  while (running < AT_ONCE && waiting.length > 0) {
    running += 1;
    send(waiting.shift());
  }
  if (running === 0 && failed === 0) location.assign(data.page);
}

function add(files) {
  const fit = files.filter(({ name }) => !name.split("/").some((part) => JUNK.test(part)));
  waiting.push(...fit);
  if (fit.length > 0) next();
}

for (const id of ["choose-files", "choose-folder"]) {
  document.getElementById(id).addEventListener("change", (event) => {
    add([...event.target.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
    event.target.value = "";
  });
}

async function filesOf(entry, folder = "") {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: folder + file.name }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    for (const inner of some) found.push(...(await filesOf(inner, `${folder}${entry.name}/`)));
  }
  return found;
}

drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  add((await Promise.all(entries.map((entry) => filesOf(entry)))).flat());
});

// Leaving loses nothing, but what is sent at the moment stops.
addEventListener("beforeunload", (event) => {
  if (running > 0) event.preventDefault();
});

// A job that ends changes what this page shows.
document.body.addEventListener("htmx:afterSettle", (event) => {
  const job = event.target.closest?.(".job") ?? event.target.querySelector?.(".job");
  if (job && !job.hasAttribute("hx-get") && running === 0) location.reload();
});
