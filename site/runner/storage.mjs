// What a learner writes and solves, kept in the browser. No page goes on without it, and none stops for lack of it.
//
// Keys: "lossact:text:<page>#<cell>" holds {text, original, when, beside?}, where `original` is a digest of the cell as
// it was handed out when the text was written, and `beside` a text that was not allowed to replace it.
// "lossact:solved:<question>" holds {points, total, status, when}.

const TEXT = "lossact:text:";
const SOLVED = "lossact:solved:";
export const FORMAT = "lossact work, 1";

let complaint = null;
const listeners = new Set();

/** Call `listener` now and whenever it changes whether work can be kept; with null, or why not. */
export function onTrouble(listener) {
  listeners.add(listener);
  listener(complaint);
}

function trouble(reason) {
  if (reason === complaint) return;
  complaint = reason;
  for (const listener of listeners) listener(complaint);
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // forbidden, or not ours
  }
}

function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    trouble(null);
    return true;
  } catch (error) {
    trouble(error?.name === "QuotaExceededError" ? "full" : "forbidden");
    return false;
  }
}

/** Whether anything can be kept at all; asked once when a page opens. */
export function tryStorage() {
  const key = "lossact:try";
  if (write(key, 1)) write(key, null);
}

export const readText = (page, cell) => read(`${TEXT}${page}#${cell}`);
export const dropText = (page, cell) => write(`${TEXT}${page}#${cell}`, null);

export function keepText(page, cell, text, original, beside) {
  return write(`${TEXT}${page}#${cell}`, { text, original, when: Date.now(), ...(beside ? { beside } : {}) });
}

export const readSolved = (question) => read(SOLVED + question);

/** Keep the best that was reached: a later try that is worse takes nothing away. */
export function keepSolved({ question, points, total, status }) {
  const before = readSolved(question);
  if (before && before.points > points && before.total === total) return;
  write(SOLVED + question, { points, total, status, when: Date.now() });
}

/** A short digest of a text; only to see whether it has changed. */
export function digest(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(TEXT) || key.startsWith(SOLVED));
  } catch {
    return [];
  }
}

/** All of a learner's work as one text, to be kept as a file. */
export function exportWork() {
  const work = Object.fromEntries(keys().sort().map((key) => [key, read(key)]));
  return JSON.stringify({ format: FORMAT, when: new Date().toISOString(), work }, null, 1);
}

/**
 * Take in what `exportWork` made. Nothing that is here is lost: where both have a text for a cell, the one that is
 * here stays and the other is offered beside it.
 *
 * Returns how many entries were taken, or throws with a sentence for the learner.
 */
export function importWork(file) {
  let work;
  try {
    const parsed = JSON.parse(file);
    if (parsed.format !== FORMAT) throw new Error();
    work = parsed.work;
  } catch {
    throw new Error("This is no file that this page has exported.");
  }
  let taken = 0;
  for (const [key, value] of Object.entries(work ?? {})) {
    const here = read(key);
    if (key.startsWith(TEXT) && typeof value?.text === "string") {
      const { text, original, when } = value;
      if (here === null) write(key, { text, original: String(original), when });
      else if (here.text !== text) write(key, { ...here, beside: text });
      else continue;
      taken++;
    } else if (key.startsWith(SOLVED) && Number.isFinite(value?.points) && Number.isFinite(value?.total)) {
      if (here && here.points >= value.points) continue;
      const { points, total, status, when } = value;
      write(key, { points, total, status: String(status), when });
      taken++;
    }
  }
  if (complaint) throw new Error("The browser did not keep all of it: its storage is full or forbidden.");
  return taken;
}
