// Suggestions while typing: a list under the box that arrow keys go through. Without this script the box works alone.

const WAIT = 150; // milliseconds of rest before it asks
const KINDS = { nama: "nama", nomor: "nomor", tempat: "tempat", jenis: "jenis surat", kata: "kata" };
const box = document.querySelector("#q");
const csrf = document.querySelector('meta[name="csrf-token"]').content;
const list = document.createElement("ul");
let at = -1;
let due;
let asking;

function close() {
  clearTimeout(due);
  asking?.abort();
  list.replaceChildren();
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  point(-1);
}

function point(place) {
  at = place;
  for (const [n, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(n === at));
  if (at < 0) box.removeAttribute("aria-activedescendant");
  else box.setAttribute("aria-activedescendant", list.children[at].id);
}

function take(row) {
  const typed = box.value;
  const said = row.dataset.text;
  const whole = said.toLowerCase().startsWith(typed.trim().toLowerCase());
  box.value = whole ? said : typed.replace(/\S+$/, () => said);
  close();
  box.focus();
}

function row({ text, kind }, n) {
  const item = document.createElement("li");
  const what = document.createElement("small");
  item.id = `saran-${n}`;
  item.role = "option";
  item.dataset.text = text;
  what.textContent = KINDS[kind];
  item.append(text, " ", what);
  item.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the box keeps the focus
    take(item);
  });
  return item;
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch("/api/v1/search/suggestions", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ begun: box.value }),
      signal: asking.signal,
    });
    if (!answer.ok) return;
    const { suggestions } = await answer.json();
    list.replaceChildren(...suggestions.map(row));
    list.hidden = !suggestions.length;
    box.setAttribute("aria-expanded", String(suggestions.length > 0));
    point(-1);
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // no connection: no suggestions
  }
}

function key(event) {
  const rows = list.children.length;
  if (event.key === "Escape" && rows) close();
  else if (event.key === "Enter" && at >= 0) take(list.children[at]);
  else if (event.key === "ArrowDown" && rows) point(at + 1 < rows ? at + 1 : 0);
  else if (event.key === "ArrowUp" && rows) point(at > 0 ? at - 1 : rows - 1);
  else return;
  event.preventDefault();
}

list.id = "saran";
list.role = "listbox";
list.hidden = true;
list.setAttribute("aria-label", "Saran");
box.parentElement.after(list);
for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "saran"], ["aria-expanded", "false"]])
  box.setAttribute(name, value);
box.addEventListener("keydown", key);
box.addEventListener("blur", close);
box.addEventListener("input", () => {
  clearTimeout(due);
  due = setTimeout(ask, WAIT);
});
