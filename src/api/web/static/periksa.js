// The desk: Enter accepts a field and goes to the next doubtful one, after the last to the next letter; the piece of
// paper that a field stands on is marked while it has the focus.

import { mark } from "./paper.js";

const form = document.querySelector("#periksa");
const kind = document.querySelector("#ganti.doubt #jenis");
const done = document.querySelector("#benar");
const rest = form.querySelector("details");
const steps = [...(kind ? [kind] : []), ...form.querySelectorAll(".doubt input"), ...(done ? [done] : [])];

function goTo(step) {
  step.focus();
  step.select?.();
}

form.addEventListener("focusin", (event) => {
  if (event.target.matches("input")) mark(event.target);
});

// Another kind was chosen: its fields come first, or the choice would be lost
const choice = document.querySelector("#jenis");
const shown = choice.value;

function changesKind(event) {
  if (choice.value === shown) return false;
  event.preventDefault();
  choice.form.requestSubmit();
  return true;
}

form.addEventListener("submit", changesKind);

document.querySelector(".desk").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input, select") || changesKind(event)) return;
  event.preventDefault();
  event.target.closest(".item").classList.add("accepted");
  const at = steps.indexOf(event.target);
  if (at >= 0 && steps[at + 1] === done) form.requestSubmit();
  else goTo(steps[at + 1] ?? done ?? kind);
});

// What lay folded away was not looked at, and is not counted as confirmed
rest?.addEventListener("toggle", () => {
  if (rest.open) form.elements.semua.value = "1";
});

goTo(steps[0] ?? choice);
