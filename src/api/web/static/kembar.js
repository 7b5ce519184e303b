// Two letters side by side: S says that they are the same, B that they are not. Enter decides nothing unless a button
// was gone to on purpose, and a key that is held down does not decide the next pair too.

const form = document.querySelector("#putusan");
const KEYS = { s: "sama", b: "berbeda" };
let sent = false;

document.addEventListener("keydown", (event) => {
  const plain = !event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey;
  const button = plain && form.querySelector(`button[value="${KEYS[event.key.toLowerCase()]}"]`);
  if (!button || sent) return;
  sent = true;
  form.requestSubmit(button);
});
