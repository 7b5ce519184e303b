// Shows on the pictures of a letter's pages where the focused field was read.

export function mark(input) {
  document.querySelectorAll(".spot").forEach((spot) => spot.setAttribute("width", 0));
  if (!input.dataset.box) return;
  const [x, y, width, height] = input.dataset.box.split(" ");
  const spot = document.querySelector(`#lembar-${input.dataset.page} .spot`);
  for (const [name, value] of Object.entries({ x, y, width, height })) spot.setAttribute(name, value);
  const papers = document.querySelector(".papers");
  if (papers.scrollHeight > papers.clientHeight) spot.scrollIntoView({ block: "nearest" });
}
