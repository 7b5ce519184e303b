// From hit to hit of a letter: N goes to the next, P to the one before, also where it stands in another part of a thick
// file. Buttons do the same for whoever has no keys.

const bar = document.querySelector("nav.jump");
const hits = [...document.querySelectorAll(".words mark")];
const where = document.createElement("span");
where.setAttribute("role", "status");
const opened = document.querySelector(location.hash || "#halaman");
let at = hits.findIndex((hit) => opened.contains(hit)) - 1;
if (at < -1) at = -1;

function show(step) {
  const hit = hits[at + step];
  if (!hit) {
    const further = bar.querySelector(`[data-way="${step}"]`);
    if (further) location.assign(further.href);
    else where.textContent = step < 0 ? "Ini temuan pertama." : "Ini temuan terakhir.";
    return;
  }
  at += step;
  const sheet = hit.closest(".page");
  const box = sheet.querySelectorAll(".marks rect")[[...sheet.querySelectorAll(".words mark")].indexOf(hit)];
  for (const old of document.querySelectorAll(".now")) old.classList.remove("now");
  for (const one of [hit, box]) one?.classList.add("now");
  (box ?? hit).scrollIntoView({ block: "center" });
  where.textContent = `${sheet.querySelector("h2").firstChild.textContent.trim()}, temuan ${at + 1} dari ${hits.length} yang ditampilkan`;
}

function button(text, key, step) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = text;
  made.setAttribute("aria-keyshortcuts", key);
  made.addEventListener("click", () => show(step));
  return made;
}

if (hits.length) bar.prepend(button("Sebelumnya (P)", "p", -1), button("Berikutnya (N)", "n", 1), where);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) return;
  const step = { n: 1, p: -1 }[event.key.toLowerCase()];
  if (step && hits.length) show(step);
});
