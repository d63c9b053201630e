// One cell of a page: its editor, its buttons, its output.
import { SENTENCES } from "./sentences.mjs";
import { digest, dropText, keepSolved, keepText, readText } from "./storage.mjs";
import { refreshProgress } from "./progress.mjs";

let editorModule; // shared by all cells, asked for once

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function button(className, text, label, act) {
  const element = make("button", className, text);
  element.type = "button";
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}

export class Cell {
  constructor(page, element, number) {
    this.page = page;
    this.element = element;
    this.number = number;
    this.id = element.id.replace(/^cell-/, "") || String(number);
    this.input = element.querySelector(".cell_input");
    this.stored = element.querySelector(".cell_output");
    this.original = this.input.querySelector("pre").textContent.replace(/\n$/, "");
    this.edition = digest(this.original);
    const kept = readText(page.site.page, this.id);
    this.text = kept?.text ?? this.original;
    this.editor = null;
    element.classList.add("la-cell");
    this.addControls();
    if (kept) {
      this.openEditor();
      if (kept.beside && kept.beside !== kept.text) this.offer(kept.beside, SENTENCES.beside);
      else if (kept.original !== this.edition) this.offer(this.original, SENTENCES.changed);
    } else {
      // The editor comes when somebody reaches for the code, or at leisure where code is to be written.
      this.input.addEventListener("pointerdown", () => this.openEditor(), { once: true });
      if (page.isExercise) (window.requestIdleCallback ?? setTimeout)(() => this.openEditor());
    }
  }

  addControls() {
    const checks = /^\s*check\(/.test(this.original);
    const run = checks ? SENTENCES.check : SENTENCES.run;
    const label = checks ? SENTENCES.checkLabel(this.number) : SENTENCES.runLabel(this.number);
    this.runButton = button("la-run", run, label, () => this.run());
    this.stopButton = button("la-stop", SENTENCES.stop, SENTENCES.stopLabel(this.number), () => this.page.python.stop());
    this.resetButton = button("la-reset", SENTENCES.reset, SENTENCES.resetLabel(this.number), () => this.reset());
    this.editButton = button("la-edit", SENTENCES.edit, SENTENCES.editLabel(this.number), () => this.openEditor(true));
    this.stopButton.disabled = true;
    this.bar = make("div", "la-bar");
    this.bar.append(this.runButton, this.stopButton, this.resetButton, this.editButton);
    this.output = make("div", "la-output");
    this.output.setAttribute("role", "region");
    this.output.setAttribute("aria-label", SENTENCES.outputLabel(this.number));
    this.output.setAttribute("aria-live", "polite");
    this.output.hidden = true;
    // A cell whose code is folded away keeps its buttons in sight.
    const anchor = this.input.closest("details") ?? this.input;
    anchor.after(this.bar, this.output);
  }

  async openEditor(focus = false) {
    if (this.opening) {
      await this.opening;
      if (focus) this.editor.focus();
      return;
    }
    this.opening = (async () => {
      const { site, python } = this.page;
      editorModule ??= import(python.address(`_static/${site.editor}`));
      const { makeEditor } = await editorModule;
      const holder = make("div", "la-editor");
      const code = this.input.querySelector("div[class*=highlight]") ?? this.input.querySelector("pre");
      this.editor = makeEditor(holder, this.text, {
        label: SENTENCES.editorLabel(this.number),
        onRun: () => this.run(),
        onChange: (text) => this.changed(text),
      });
      code.replaceWith(holder);
      this.editButton.hidden = true;
    })();
    await this.opening;
    if (focus) this.editor.focus();
  }

  changed(text) {
    this.text = text;
    const { site } = this.page;
    if (text === this.original && !this.offered) dropText(site.page, this.id);
    else keepText(site.page, this.id, text, this.offered ? this.keptOriginal : this.edition, this.besideText);
  }

  /** Show another text for this cell beside the learner's own, which stays until they say otherwise. */
  offer(text, sentence) {
    this.offered = true;
    this.keptOriginal = readText(this.page.site.page, this.id)?.original;
    this.besideText = sentence === SENTENCES.beside ? text : undefined;
    const box = make("div", "la-offer");
    box.setAttribute("role", "note");
    const code = make("pre", "", text);
    code.tabIndex = 0;
    const settle = (take) => {
      this.offered = false;
      this.besideText = undefined;
      if (take) this.editor.set(text);
      this.changed(this.text);
      box.remove();
      this.runButton.focus();
    };
    const take = button("la-take", SENTENCES.take, SENTENCES.take, async () => {
      await this.openEditor();
      settle(true);
    });
    const dismiss = button("la-dismiss", SENTENCES.dismiss, SENTENCES.dismiss, () => settle(false));
    const bar = make("div", "la-bar");
    bar.append(take, dismiss);
    box.append(make("p", "", sentence), code, bar);
    this.bar.after(box);
  }

  reset() {
    if (this.editor) this.editor.set(this.original);
    this.text = this.original;
    dropText(this.page.site.page, this.id);
    this.output.hidden = true;
    this.output.replaceChildren();
    if (this.stored) this.stored.hidden = false;
  }

  async run() {
    if (this.running) return;
    this.running = true;
    const { page } = this;
    this.bar.after(page.status);
    this.runButton.disabled = true;
    this.stopButton.disabled = false;
    this.element.setAttribute("aria-busy", "true");
    if (this.stored) this.stored.hidden = true;
    this.output.replaceChildren();
    this.output.hidden = false;
    const cells = page.cells.map(({ id, text }) => ({ id, source: text }));
    const done = await page.python.run(cells, this.id, (message) => this.hear(message));
    if (done.error) this.showError(done);
    this.running = false;
    this.runButton.disabled = false;
    this.stopButton.disabled = true;
    this.element.removeAttribute("aria-busy");
    if (!this.output.children.length) this.output.hidden = true;
    this.element.dataset.ran = String(1 + Number(this.element.dataset.ran ?? 0));
  }

  hear(message) {
    if (message.say === "stream") this.print(message.name, message.text);
    if (message.say === "shown") for (const output of message.outputs) this.show(output);
    if (message.say === "again") {
      for (const [number, output] of message.outputs) {
        const before = this.output.querySelectorAll(":scope > .la-value")[number];
        if (before) before.replaceWith(this.drawn(output, before));
      }
    }
  }

  print(name, text) {
    const last = this.output.lastElementChild;
    const same = last?.dataset.stream === name;
    const stream = same ? last : make("pre", `la-stream la-${name}`);
    stream.dataset.stream = name;
    stream.append(text);
    if (!same) {
      stream.tabIndex = 0;
      this.output.append(stream);
    }
  }

  show(output) {
    this.output.append(this.drawn(output));
    if (output.verdict) {
      keepSolved(output.verdict);
      refreshProgress(this.page.site);
    }
  }

  drawn(output, before) {
    const value = make("div", "la-value");
    if (output.html) {
      value.innerHTML = output.html;
      // What the learner has unfolded stays so when the picture arrives.
      const open = before ? [...before.querySelectorAll("details")].map((each) => each.open) : [];
      value.querySelectorAll("details").forEach((each, place) => (each.open = open[place] ?? false));
    } else {
      value.append(make("pre", "", output.text));
      value.firstChild.tabIndex = 0;
    }
    return value;
  }

  showError({ error, cell, stopped }) {
    const box = make("div", stopped ? "la-note" : "la-error");
    if (cell && cell !== this.id) {
      const other = this.page.cells.find((each) => each.id === cell);
      if (other) box.append(make("p", "", SENTENCES.before(other.number)));
    }
    box.append(make("pre", "", error.text));
    this.output.append(box);
  }
}
