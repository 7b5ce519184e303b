// The desk: Enter accepts a field and goes to the next doubtful one, after the last to the next letter; Ctrl+Enter
// accepts them all. F2 changes between the two readings of a field. The piece of paper that a field stands on is marked
// while it has the focus.

import { mark } from "./paper.js";

const form = document.querySelector("#periksa");
const kind = document.querySelector("#ganti.doubt #jenis");
const done = document.querySelector("#benar");
const rest = form.querySelector("details");
// Of a sample every field is looked at: what is filed unasked is judged by it
const asked = "each" in form.dataset ? ".item input" : ".doubt input";
const steps = [...(kind ? [kind] : []), ...form.querySelectorAll(asked), ...(done ? [done] : [])];

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

function swapReading(button) {
  const input = document.getElementById(button.dataset.for);
  input.value = input.value === button.dataset.other ? input.defaultValue : button.dataset.other;
  goTo(input);
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-other]");
  if (button) swapReading(button);
});

document.addEventListener("keydown", (event) => {
  const button = event.key === "F2" && event.target.closest(".item")?.querySelector("[data-other]");
  if (button) {
    event.preventDefault();
    swapReading(button);
  } else if (event.key === "Enter" && event.ctrlKey && done) {
    event.preventDefault();
    event.stopPropagation();
    form.requestSubmit();
  }
}, { capture: true });

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
