// Sending letters: choose, drop or photograph; two at a time; each with its progress until it is locked in the archive.

import { follow, isDone } from "./live.js";

const AT_ONCE = 2;
const form = document.querySelector("#kirim");
const list = document.querySelector("#daftar");
const summary = document.querySelector("#kabar");
const stages = JSON.parse(form.dataset.stages);
const mostBytes = Number(form.dataset.limit) * 1024 * 1024;
let csrf = document.querySelector('meta[name="csrf-token"]').content;

const items = [];
const queue = [];
let sending = 0;
const news = follow(showLetter);

// The same key on a second try lets the server recognise a letter whose first answer got lost on the way.
// (randomUUID is missing where an office's network has no TLS.)
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

function add(files) {
  for (const file of files) {
    const node = document.querySelector("#baris").content.firstElementChild.cloneNode(true);
    const item = { file, node, key: newKey(), level: form.querySelector("#tingkat").value, outcome: null, id: null };
    node.querySelector(".name").textContent = file.name;
    node.querySelector("progress").setAttribute("aria-label", `Kemajuan ${file.name}`);
    list.append(node);
    items.push(item);
    if (file.size > mostBytes) refuse(item, form.dataset.tooLarge);
    else enqueue(item);
  }
}

function enqueue(item) {
  item.outcome = null;
  show(item, "waiting", "Menunggu giliran", 0);
  queue.push(item);
  sendNext();
}

function sendNext() {
  while (sending < AT_ONCE && queue.length > 0) send(queue.shift());
  summarise();
}

function send(item) {
  sending += 1;
  const request = new XMLHttpRequest();
  request.open("POST", "/api/v1/documents");
  request.responseType = "json";
  request.setRequestHeader("X-CSRF-Token", csrf);
  request.setRequestHeader("Idempotency-Key", item.key);
  request.upload.onprogress = (event) => {
    const part = event.total ? event.loaded / event.total : 0;
    show(item, "sending", part < 1 ? `Mengirim ${Math.floor(part * 100)} %` : "Menyimpan berkas asli", part);
  };
  request.onload = () => answered(item, request);
  request.onerror = () => failed(item, "Kiriman terputus. Tidak ada yang hilang: berkas masih ada pada Anda.");
  request.onloadend = () => {
    sending -= 1;
    sendNext();
  };
  show(item, "sending", "Mengirim 0 %", 0);
  const body = new FormData();
  body.append("clearance", item.level);
  body.append("file", item.file, item.file.name);
  request.send(body);
}

function answered(item, request) {
  const answer = request.response;
  if (request.status === 202 && answer) return received(item, answer);
  const said = answer?.title ? `${answer.title}. ${answer.detail}` : `Server menjawab ${request.status}.`;
  if (request.status === 401) {
    failed(item, "Sesi Anda sudah berakhir. Tidak ada yang hilang: masuk lagi, lalu tekan Kirim ulang.");
    link(item, "Masuk lagi", "/masuk?lanjut=%2Funggah").target = "_blank";
  } else if (request.status >= 500 || answer?.slug === "cross_site_request") {
    failed(item, said);
  } else {
    refuse(item, said);
  }
}

function received(item, receipt) {
  item.id = receipt.id;
  item.known = receipt.duplicate_of !== null; // by its bytes; it may be held all the same, so it is followed too
  link(item, item.known ? "Lihat surat yang sudah ada" : "Buka surat", `/arsip/${receipt.id}`);
  show(item, receipt.stage, stages[receipt.stage], null);
  news.add(receipt.id);
}

function showLetter(letter) {
  for (const item of items.filter((each) => each.id === letter.id && each.outcome === null)) showProgress(item, letter);
  summarise();
}

function showProgress(item, letter) {
  if (item.known && letter.stage === "sealed") {
    item.outcome = "known";
    show(item, "sealed", "Sudah ada di arsip", 1, "Isi berkas ini sama persis dengan surat yang sudah diterima; tidak disimpan dua kali.");
    return;
  }
  const reading = letter.stage === "paged" && letter.pages;
  const said = reading ? `${stages.paged}: ${letter.pages_read} dari ${letter.pages} halaman` : stages[letter.stage];
  if (isDone(letter.stage)) item.outcome = letter.stage;
  show(item, letter.stage, said, letter.pages ? letter.pages_read / letter.pages : null, letter.fault?.detail);
}

function refuse(item, detail) {
  item.outcome = "refused";
  show(item, "held", "Ditolak", null, detail);
  summarise();
}

function failed(item, detail) {
  item.outcome = "failed";
  show(item, "held", "Belum terkirim", null, detail);
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Kirim ulang";
  again.addEventListener("click", async () => {
    await renew();
    enqueue(item);
  });
  item.node.querySelector(".actions").append(again);
}

/** A new sign-in brings a new token; the old page learns it before it sends again. */
async function renew() {
  try {
    const answer = await fetch("/unggah", { headers: { Accept: "text/html" } });
    if (answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    csrf = page.querySelector('meta[name="csrf-token"]')?.content ?? csrf;
  } catch {
    // Still offline: sending will say so
  }
}

function show(item, stage, said, part, detail = "") {
  const { node } = item;
  const badge = node.querySelector(".badge");
  const bar = node.querySelector("progress");
  badge.className = `badge ${stage}`;
  badge.textContent = said;
  bar.hidden = item.outcome !== null;
  if (part === null) bar.removeAttribute("value");
  else bar.value = part;
  const more = node.querySelector(".detail");
  more.textContent = detail;
  more.hidden = !detail;
  if (stage === "waiting") node.querySelector(".actions").replaceChildren();
}

function link(item, text, address) {
  const anchor = document.createElement("a");
  anchor.className = "button quiet";
  anchor.href = address;
  anchor.textContent = text;
  item.node.querySelector(".actions").append(anchor);
  return anchor;
}

function summarise() {
  const count = (...outcomes) => items.filter((item) => outcomes.includes(item.outcome)).length;
  const open = items.length - count("sealed", "known", "held", "refused", "failed");
  const parts = [
    [count("sealed"), "tersimpan dan terkunci"],
    [count("known"), "sudah ada"],
    [count("held"), "tertahan"],
    [count("refused"), "ditolak"],
    [count("failed"), "belum terkirim"],
    [open, "sedang diproses"],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  const text = said.length > 0 ? `${items.length} berkas: ${said.join(", ")}.` : "";
  if (summary.textContent !== text) summary.textContent = text;
}

/** Folders come as files that nobody can read: leave them out and say so. */
function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  const files = [...transfer.files];
  const plain = files.filter((_, i) => !entries[i]?.isDirectory);
  add(plain);
  if (plain.length < files.length) summary.textContent = "Folder tidak bisa dikirim. Buka foldernya, lalu pilih berkas-berkasnya.";
}

form.querySelector("#foto").hidden = navigator.maxTouchPoints === 0; // phones and tablets have a camera to scan with
for (const [button, input] of [["#pilih", "#berkas"], ["#foto", "#kamera"]]) {
  const field = form.querySelector(input);
  form.querySelector(button).addEventListener("click", () => field.click());
  field.addEventListener("change", () => {
    add(field.files);
    field.value = ""; // so that the same file can be chosen again
  });
}

// The whole window takes drops: a file let go beside the frame must not replace the page
addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  dropped(event.dataTransfer);
});
addEventListener("beforeunload", (event) => {
  if (sending + queue.length > 0) event.preventDefault();
});
