// From hit to hit of a letter: N goes to the next, P to the one before, also where it stands in another part of a thick
// file. Buttons do the same for whoever has no keys.

const bar = document.querySelector("nav.jump");
const hits = [...document.querySelectorAll(".words mark")];
const where = document.createElement("span");
where.setAttribute("role", "status");
const WAY = "temuan"; // where to go on after another part of the file has been opened
let opened = location.hash; // the page that was chosen last
const inside = (hit) => (document.querySelector(opened || "#halaman") ?? document.body).contains(hit);
const way = Number(sessionStorage.getItem(WAY));
let at = way < 0 ? hits.findLastIndex(inside) + 1 : Math.max(hits.findIndex(inside) - 1, -1);

function show(step) {
  const hit = hits[at + step];
  if (!hit) {
    const further = bar.querySelector(`[data-way="${step}"]`);
    if (further) {
      sessionStorage.setItem(WAY, step);
      location.assign(further.href);
    } else where.textContent = step < 0 ? "Ini temuan pertama." : "Ini temuan terakhir.";
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

function from(hash) { // a page of this part was chosen: from there on
  opened = hash;
  at = Math.max(hits.findIndex(inside) - 1, -1);
}

// The address changes some time after the click, and a quick hand presses N before
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='#halaman-']");
  if (link && link.pathname === location.pathname && link.search === location.search) from(link.hash);
});
addEventListener("hashchange", () => {
  if (location.hash !== opened) from(location.hash);
});

sessionStorage.removeItem(WAY);
if (way && hits.length) show(way);
