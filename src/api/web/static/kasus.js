// A case: what waits for letters that are not locked yet is told anew when they are, but not under somebody's hands.

import { follow, isDone } from "./live.js";

const PARTS = ["kurang", "langkah", "tutup"];
let due = false;

const isWritten = (field) => field.value !== field.defaultValue;
const inHands = () =>
  PARTS.some((id) => document.getElementById(id)?.contains(document.activeElement)) ||
  [...document.querySelectorAll("main input")].some(isWritten);

async function showAnew() {
  if (!due || inHands()) return;
  due = false;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (inHands()) return;
  for (const id of PARTS) {
    const anew = page.getElementById(id);
    if (anew) document.getElementById(id)?.replaceWith(anew);
    else document.getElementById(id)?.remove();
  }
}

const news = follow((letter) => {
  due ||= isDone(letter.stage);
  showAnew();
});
document.addEventListener("focusout", () => setTimeout(showAnew));
for (const letter of document.querySelectorAll("[data-follow]")) news.add(letter.dataset.follow);
