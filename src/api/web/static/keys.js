// Keys that stand on a page's buttons: the digit before a proposal links the letter there, A all letters of its stack, T
// says that none fits, L passes the letter over, S finishes a case's step. Enter does what the focused button says, as
// anywhere. A key that is held down does not decide what comes next too.

let done = false;

document.addEventListener("keydown", (event) => {
  const plain = !event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (!plain || done || event.target.matches("input:not([type='checkbox']), select, textarea")) return;
  const asked = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!asked) return;
  done = true;
  asked.click();
});
