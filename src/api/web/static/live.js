// News of letters as they move on. A browser opens at most six connections to one place, so the stream is held only
// while a letter on this page is unfinished and the page is in view.

const ORDER = ["received", "paged", "read", "filed", "sealed", "held"];
const RETRY_MS = 5000;

export const isDone = (stage) => stage === "sealed" || stage === "held";

const progress = (letter) => ORDER.indexOf(letter.stage) * 1e6 + letter.pages_read;

/** Calls `onLetter` with each change of the letters that are added, until they are sealed or held. */
export function follow(onLetter) {
  const waiting = new Map();
  let source = null;

  function tell(letter) {
    // An answer that was long on its way must not undo newer news
    if (!waiting.has(letter.id) || progress(letter) < waiting.get(letter.id)) return;
    waiting.set(letter.id, progress(letter));
    if (isDone(letter.stage)) waiting.delete(letter.id);
    onLetter(letter);
    settle();
  }

  async function ask(id) {
    try {
      const answer = await fetch(`/api/v1/documents/${id}`);
      if (answer.ok) tell(await answer.json());
    } catch {
      // Offline: the stream opens again by itself, and then asks again
    }
  }

  async function catchUp() {
    for (const id of [...waiting.keys()]) await ask(id);
  }

  function open() {
    const opened = new EventSource("/api/v1/events/stream");
    source = opened;
    opened.addEventListener("open", catchUp);
    opened.addEventListener("document", (event) => tell(JSON.parse(event.data)));
    opened.addEventListener("error", () => {
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
      source = null;
      setTimeout(settle, RETRY_MS);
    });
  }

  function settle() {
    const wanted = waiting.size > 0 && !document.hidden;
    if (wanted && !source) open();
    if (!wanted && source) {
      source.close();
      source = null;
    }
  }

  document.addEventListener("visibilitychange", settle);
  return {
    add(id) {
      waiting.set(id, -1);
      if (source?.readyState === EventSource.OPEN) ask(id);
      settle();
    },
  };
}
