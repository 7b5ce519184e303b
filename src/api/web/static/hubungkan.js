// Proposals: the digit before one links the letter there, T says that none fits, L passes the letter over. Enter does what
// the focused button says, as anywhere. A key that is held down does not decide the next letter too.

let done = false;

document.addEventListener("keydown", (event) => {
  const plain = !event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (!plain || done || event.target.matches("input, select, textarea")) return;
  const asked = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!asked) return;
  done = true;
  asked.click();
});
