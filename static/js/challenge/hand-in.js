// Handing in a zip: looked at first, then sent in pieces, continued after a cut or a reload.

import { element, setText } from "../page/dom.js";
import { _ } from "../page/texts.js";
import { problemsOf } from "./checks.js";

const CHUNK = 32 * 1024 * 1024; // a proxy that keeps whole requests keeps no more than this
const RETRIES = [0, 1000, 3000, 5000, 10000, 20000];
const SHOWN = 50;

const data = JSON.parse(document.getElementById("hand-in-data").textContent);
const [zip, found, send, sending, bar, words] = ["zip", "found", "send", "sending", "bar", "words"].map(
  (id) => document.getElementById(id),
);
const token = document.querySelector('input[name="csrf_token"]')?.value ?? "";
let running = false;

function show(problems) {
  found.replaceChildren();
  if (problems.length === 0) {
    found.append(element("p", { class: "good" }, [_("No problem found in names and sizes.")]));
    return;
  }
  const lines = problems
    .slice(0, SHOWN)
    .map(({ name, what }) => element("li", {}, [element("bdi", {}, [name]), `: ${what}`]));
  found.append(element("p", {}, [_("Problems found: %(count)s", { count: problems.length })]));
  found.append(element("ul", {}, lines));
}

zip?.addEventListener("change", async () => {
  const [file] = zip.files;
  send.disabled = true;
  if (!file) return;
  found.replaceChildren(element("p", {}, [_("Looking at the zip …")]));
  const problems = Object.keys(data.images).length > 0 ? await problemsOf(file, data.images) : [];
  if (zip.files[0] !== file) return;
  show(problems);
  send.disabled = problems.length > 0;
});

function said(error) {
  const body = error.originalResponse?.getBody?.() ?? "";
  return body && body.length < 400 && !body.startsWith("<") ? body : _("The connection was lost.");
}

async function entered(upload) {
  const answer = await fetch(`${upload.url}/entered`, {
    method: "POST",
    headers: { "X-CSRFToken": token, "Tus-Resumable": "1.0.0" },
  });
  if (!answer.ok) {
    stop(await answer.text());
    return;
  }
  const { submission } = await answer.json();
  running = false;
  location.assign(data.submission.replace(/0$/, submission));
}

function stop(why) {
  running = false;
  setText(words, _("stopped: %(why)s", { why }));
  send.disabled = false;
}

send?.addEventListener("click", async () => {
  const [file] = zip.files;
  running = true;
  send.disabled = true;
  sending.hidden = false;
  const upload = new globalThis.tus.Upload(file, {
    endpoint: data.uploads,
    chunkSize: CHUNK,
    retryDelays: RETRIES,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name },
    headers: { "X-CSRFToken": token },
    fingerprint: async (chosen) =>
      ["studyapp", data.uploads, chosen.name, chosen.size, chosen.lastModified].join("|"),
    onProgress(sent, total) {
      bar.value = sent / Math.max(1, total);
      setText(words, `${Math.floor((100 * sent) / Math.max(1, total))} %`);
    },
    onError: (error) => stop(said(error)),
    onSuccess: () => entered(upload),
  });
  const before = await upload.findPreviousUploads();
  if (before.length > 0) upload.resumeFromPreviousUpload(before[0]);
  upload.start();
});

addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
