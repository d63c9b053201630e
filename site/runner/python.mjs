// The page's side of its Python: one worker, started when something is run, ended by Stop.
import { SENTENCES } from "./sentences.mjs";

const PATIENCE = 15_000; // milliseconds until somebody who waits is told that nothing has come

export class Python {
  /** `site` is what the page knows of the site; `onState` is told {state, text} whenever that changes. */
  constructor(site, onState) {
    this.site = site;
    this.onState = onState;
    this.worker = null;
    this.runs = new Map();
    this.number = 0;
  }

  address(path) {
    return new URL(path.includes("://") ? path : this.site.root + path, document.baseURI).href;
  }

  start() {
    if (this.worker) return;
    this.ready = false;
    this.tell("starting", SENTENCES.starting);
    this.timer = setTimeout(() => this.tell("waiting", SENTENCES.notArrived), PATIENCE);
    this.worker = new Worker(this.address(`_static/${this.site.worker}`), { type: "module" });
    this.worker.onmessage = ({ data }) => this.heard(data);
    this.worker.onerror = () => this.fail(SENTENCES.noWorker);
    const { module, lock, packages } = this.site.python;
    this.worker.postMessage({ do: "start", module: this.address(module), lock: this.address(lock), packages });
  }

  heard(message) {
    if (message.say === "ready") {
      clearTimeout(this.timer);
      this.ready = true;
      this.tell("ready", SENTENCES.ready);
    } else if (message.say === "progress") {
      if (this.ready) this.tell("busy", message.text ? SENTENCES.loading(message.text) : "");
    } else if (message.say === "fatal") {
      this.fail(SENTENCES.noPython(message.text));
    } else {
      const run = this.runs.get(message.id);
      if (!run) return;
      run.hear(message);
      if (message.say === "done") {
        run.finish(message);
        // Pictures may still come; the entry is small.
      }
    }
  }

  /** Run one cell, and before it the cells that it needs. Resolves to the last message of the run. */
  run(cells, target, hear) {
    this.start();
    const id = ++this.number;
    return new Promise((finish) => {
      this.runs.set(id, { hear, finish });
      this.worker.postMessage({ do: "run", id, cells, target });
    });
  }

  /** End the worker and all that it runs. What it knew is gone; what was typed is not. */
  stop(text = SENTENCES.stopped) {
    clearTimeout(this.timer);
    this.worker?.terminate();
    this.worker = null;
    const runs = [...this.runs.values()];
    this.runs.clear();
    for (const run of runs) run.finish({ say: "done", stopped: true, error: { text } });
    this.tell("stopped", text);
  }

  fail(text) {
    this.stop(text);
    this.tell("failed", text);
  }

  tell(state, text) {
    this.onState({ state, text });
  }
}
