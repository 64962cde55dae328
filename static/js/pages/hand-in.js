// Handing in a zip: looked at first, then sent in pieces, continued after a cut or a reload.

import { problemsOf, problemsOfModel } from "../challenge/checks.js";
import { element, setText } from "../page/dom.js";
import { _ } from "../page/texts.js";

const CHUNK = 32 * 1024 * 1024; // a proxy that keeps whole requests keeps no more than this
const RETRIES = [0, 1000, 3000, 5000, 10000, 20000];
const SHOWN = 50;

const data = JSON.parse(document.getElementById("hand-in-data").textContent);
const [zip, found, send, halt, sending, bar, words] = [
  "zip",
  "found",
  "send",
  "halt",
  "sending",
  "bar",
  "words",
].map((id) => document.getElementById(id));
const token = document.querySelector('input[name="csrf_token"]')?.value ?? "";
let running = false;

function list(problems) {
  const lines = problems
    .slice(0, SHOWN)
    .map(({ name, what }) => element("li", {}, [element("bdi", {}, [name]), `: ${what}`]));
  if (problems.length > SHOWN) {
    lines.push(element("li", {}, [_("and %(count)s more", { count: problems.length - SHOWN })]));
  }
  return element("ul", {}, lines);
}

function box(kind, words, problems = []) {
  const content = [element("p", {}, [words])];
  if (problems.length > 0) content.push(list(problems));
  return element("div", { class: `notice ${kind}` }, content);
}

function show(problems) {
  const wrong = problems.filter((problem) => !problem.remark);
  const remarks = problems.filter((problem) => problem.remark);
  found.replaceChildren();
  if (wrong.length > 0) {
    found.append(box("error", _("Problems found: %(count)s", { count: wrong.length }), wrong));
  }
  if (remarks.length > 0) {
    found.append(
      box("warning", _("Accepted, but look at these: %(count)s", { count: remarks.length }), remarks),
    );
  }
  if (problems.length === 0) found.append(box("good", _("No problem found. The server looks at it again.")));
}

// Only the server knows all the ways in which teams write readme.txt.
async function readme(bytes) {
  const answer = await fetch(data.readme, { method: "POST", body: bytes, headers: { "X-CSRFToken": token } });
  return answer.ok ? answer.json() : [];
}

zip?.addEventListener("change", async () => {
  const [file] = zip.files;
  send.disabled = true;
  found.replaceChildren();
  if (!file) return;
  found.append(element("p", {}, [_("Looking at the zip …")]));
  const problems =
    data.kind === "code"
      ? await problemsOfModel(file, data.largest)
      : await problemsOf(file, { images: data.images, largest: data.largest, readme });
  if (zip.files[0] !== file) return;
  show(problems);
  send.disabled = problems.some((problem) => !problem.remark);
});

function said(status, body) {
  if (status === 401) {
    return _("You are signed out. Sign in again, then choose the same file: it continues where it stopped.");
  }
  if (!status || status >= 500) {
    return _("The connection was lost. Press Upload again: it continues where it stopped.");
  }
  if (body && body.length < 400 && !body.startsWith("<")) return body;
  return _("The page is out of date. Reload it, then choose the same file: it continues where it stopped.");
}

function stop(why) {
  running = false;
  halt.hidden = true;
  setText(words, _("stopped: %(why)s", { why }));
  send.disabled = false;
  zip.disabled = false;
}

async function entered(upload) {
  let answer;
  try {
    answer = await fetch(`${upload.url}/entered`, {
      method: "POST",
      headers: { "X-CSRFToken": token, "Tus-Resumable": "1.0.0" },
    });
  } catch {
    stop(said(0, ""));
    return;
  }
  if (!answer.ok) {
    stop(said(answer.status, await answer.text()));
    return;
  }
  const { submission } = await answer.json();
  // Only now: whoever lost this answer asks for the same upload again, instead of sending all of it twice.
  for (const { urlStorageKey } of await upload.findPreviousUploads()) {
    await upload.options.urlStorage.removeUpload(urlStorageKey);
  }
  running = false;
  location.assign(data.submission.replace(/0$/, submission));
}

function mayTryAgain(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  const again = status === 0 || status >= 500 || status === 409 || status === 423;
  if (again) setText(words, _("The connection was lost; trying again …"));
  return again;
}

send?.addEventListener("click", async () => {
  const [file] = zip.files;
  running = true;
  send.disabled = true;
  zip.disabled = true;
  sending.hidden = false;
  setText(words, "");
  const upload = new globalThis.tus.Upload(file, {
    endpoint: data.uploads,
    chunkSize: CHUNK,
    retryDelays: RETRIES,
    metadata: { filename: file.name, ...(data.kind ? { kind: data.kind } : {}) },
    headers: { "X-CSRFToken": token },
    fingerprint: async (chosen) =>
      ["studyapp", data.uploads, data.kind ?? "", chosen.name, chosen.size, chosen.lastModified].join("|"),
    onShouldRetry: mayTryAgain,
    onProgress(sent, total) {
      bar.value = sent / Math.max(1, total);
      setText(words, `${Math.floor((100 * sent) / Math.max(1, total))} %`);
    },
    onError: (error) =>
      stop(said(error.originalResponse?.getStatus() ?? 0, error.originalResponse?.getBody() ?? "")),
    onSuccess() {
      halt.hidden = true; // all of it is there
      return entered(upload);
    },
  });
  const [before] = await upload.findPreviousUploads();
  if (before) upload.resumeFromPreviousUpload(before);
  halt.onclick = () => {
    upload.abort();
    stop(_("press Upload again and it continues where it stopped"));
    send.focus();
  };
  halt.hidden = false;
  upload.start();
});

addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
