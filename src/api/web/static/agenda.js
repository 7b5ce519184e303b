// The registration queue: Enter registers (a form does that by itself), Esc passes the letter over while nothing was
// typed, and the paper shows where the focused field stands.

import { mark } from "./paper.js";

const form = document.querySelector("#daftar");
const before = new URLSearchParams(new FormData(form)).toString();

form.addEventListener("focusin", (event) => {
  if (event.target.matches("input, select")) mark(event.target);
});

// A choice opens on Enter in some browsers, and here means the same as in every other field
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("select")) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const typed = new URLSearchParams(new FormData(form)).toString() !== before;
  if (event.key === "Escape" && !typed) document.querySelector("#lewati").click();
});

const first = document.querySelector("[autofocus]");
if (document.activeElement === first) mark(first);
