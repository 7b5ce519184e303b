// Marking where letters begin: arrows go from page to page, and the button says how many letters there will be.

const form = document.querySelector("#belah");
const marks = [...form.querySelectorAll("input[type=checkbox]")];
const button = document.querySelector("#tombol-belah");
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function tell() {
  const letters = 1 + marks.filter((mark) => mark.checked).length;
  button.textContent = letters > 1 ? `Belah menjadi ${letters} surat` : "Belah menurut tanda";
  button.disabled = letters < 2;
  return letters;
}

form.addEventListener("change", () => {
  document.querySelector("#kabar").textContent = `${tell()} surat`;
});

form.addEventListener("keydown", (event) => {
  const at = marks.indexOf(event.target);
  const next = marks[at + STEPS[event.key]];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
});

tell();
(marks.find((mark) => mark.checked) ?? marks[0])?.focus();
