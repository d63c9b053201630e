// Makes the cells of a page run in the browser. Without it they are what they were: plain code and stored outputs.
import { Cell } from "./cell.mjs";
import { showProgress } from "./progress.mjs";
import { Python } from "./python.mjs";
import { SENTENCES } from "./sentences.mjs";
import { onTrouble, tryStorage } from "./storage.mjs";
import { offerNotebook } from "./notebook.mjs";

const site = JSON.parse(document.getElementById("lossact-site").textContent);

function begin() {
  const isExercise = site.page.startsWith("exercises/");
  const found = [...document.querySelectorAll("div.cell")].filter(
    (each) => each.querySelector(".cell_input pre") && (isExercise || each.classList.contains("tag_run")),
  );
  showProgress(site);
  if (!found.length) return;

  tryStorage();
  const status = document.createElement("p");
  status.className = "la-status";
  status.setAttribute("role", "status");
  status.hidden = true;
  const python = new Python(site, ({ state, text }) => {
    status.textContent = text;
    status.hidden = !text;
    status.dataset.state = state;
    document.documentElement.dataset.python = state;
  });
  const page = { site, python, status, isExercise, cells: [] };
  page.cells = found.map((element, place) => new Cell(page, element, place + 1));
  onTrouble((reason) => showTrouble(found[0], reason));
  if (isExercise) offerNotebook(page);
}

function showTrouble(before, reason) {
  let note = document.querySelector(".la-trouble");
  if (!note) {
    note = document.createElement("p");
    note.className = "la-trouble";
    note.setAttribute("role", "alert");
    before.before(note);
  }
  note.hidden = !reason;
  note.textContent = reason ? SENTENCES[reason] : "";
}

begin();
