// The list of letters: stages change as they happen.

import { follow, isDone } from "./live.js";

const list = document.querySelector(".letters");
const status = document.querySelector("#kabar");

function show(letter) {
  const row = list.querySelector(`[data-id="${letter.id}"]`);
  const badge = row.querySelector(".badge");
  const reading = letter.stage === "paged" && letter.pages > 1;
  const name = JSON.parse(list.dataset.stages)[letter.stage];
  badge.className = `badge ${letter.stage}`;
  badge.textContent = reading ? `${name}: ${letter.pages_read} dari ${letter.pages} halaman` : name;
  if (letter.pages) row.querySelector(".pages").textContent = `${letter.pages} halaman · `;
  if (isDone(letter.stage)) status.textContent = `${letter.filename}: ${name}.`;
}

if (list) {
  const news = follow(show);
  for (const row of list.children) if (!isDone(row.dataset.stage)) news.add(row.dataset.id);
}
