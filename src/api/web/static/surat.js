// One letter: progress while it is read, and its pages as soon as they are there.

import { follow, isDone } from "./live.js";

const PARTS = ["keadaan", "halaman", "isi-surat", "kasus", "kertas", "rincian", "riwayat"];
const state = () => document.querySelector("#keadaan");
let shown = state().dataset.stage;

async function showAnew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of PARTS) document.getElementById(id).replaceWith(page.getElementById(id));
  document.querySelector("#kabar").textContent = state().querySelector(".badge").textContent;
}

function show(letter) {
  if (letter.stage !== shown) {
    shown = letter.stage;
    showAnew();
  } else if (letter.pages) {
    const bar = state().querySelector("progress");
    bar.max = letter.pages;
    bar.value = letter.pages_read;
    const said = `Halaman ${letter.pages_read} dari ${letter.pages} sudah dibaca.`;
    state().querySelector(".going").textContent = `${said} Berkas asli sudah aman tersimpan.`;
  }
}

if (!isDone(shown)) follow(show).add(state().dataset.id);
