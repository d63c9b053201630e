// Which questions are solved: beside each exercise in the sidebar, and all of it on the page "My progress".
import { saveFile } from "./notebook.mjs";
import { SENTENCES } from "./sentences.mjs";
import { exportWork, importWork, readSolved } from "./storage.mjs";

let exercises; // page -> {title, questions: [[name, points]]}

export async function showProgress(site) {
  const answer = await fetch(`${site.root}_static/${site.exercises}`);
  exercises = await answer.json();
  refreshProgress(site);
}

export function refreshProgress(site) {
  if (!exercises) return;
  markSidebar(site);
  const place = document.getElementById("my-progress-table");
  if (place) fillTable(place, site);
}

/** What was reached in an exercise: points, total, and whether all of it is solved. */
function reached({ questions }) {
  let points = 0;
  let total = 0;
  for (const [name, worth] of questions) {
    points += Math.min(readSolved(name)?.points ?? 0, worth);
    total += worth;
  }
  return { points, total, all: points === total };
}

function said({ points, total, all }) {
  return all ? SENTENCES.solved : points ? SENTENCES.begun(points, total) : SENTENCES.open;
}

function markSidebar(site) {
  const here = new URL(site.root, document.baseURI).href;
  for (const link of document.querySelectorAll(".bd-sidebar-primary a.reference.internal")) {
    const page = decodeURI(new URL(link.href).pathname.slice(new URL(here).pathname.length)).replace(/\.html$/, "");
    const name = link.getAttribute("href") === "#" ? site.page : page;
    if (!exercises[name]) continue;
    const state = reached(exercises[name]);
    let mark = link.querySelector(".la-mark");
    if (!mark) {
      mark = document.createElement("span");
      mark.className = "la-mark";
      link.append(mark);
    }
    mark.dataset.state = state.all ? "solved" : state.points ? "begun" : "open";
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", said(state));
    mark.title = said(state);
  }
}

function fillTable(place, site) {
  const table = document.createElement("table");
  table.className = "table la-progress";
  const head = table.createTHead().insertRow();
  for (const title of ["Exercise", "Question", "Points"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  let points = 0;
  let total = 0;
  for (const [page, exercise] of Object.entries(exercises)) {
    exercise.questions.forEach(([name, worth], number) => {
      const row = body.insertRow();
      if (number === 0) {
        const link = document.createElement("a");
        link.href = `${site.root}${page}.html`;
        link.textContent = exercise.title;
        const cell = document.createElement("th");
        cell.scope = "rowgroup";
        cell.rowSpan = exercise.questions.length;
        cell.append(link);
        row.append(cell);
      }
      row.insertCell().append(Object.assign(document.createElement("code"), { textContent: name }));
      const got = Math.min(readSolved(name)?.points ?? 0, worth);
      row.insertCell().textContent = SENTENCES.pointsOf(got, worth);
      row.dataset.state = got === worth ? "solved" : got ? "begun" : "open";
      points += got;
      total += worth;
    });
  }
  const sum = document.createElement("p");
  sum.className = "la-sum";
  sum.textContent = SENTENCES.pointsOf(points, total);
  place.replaceChildren(sum, controls(site), table);
}

function controls(site) {
  const box = document.createElement("div");
  box.className = "la-offers";
  const out = document.createElement("button");
  out.type = "button";
  out.className = "la-export";
  out.textContent = SENTENCES.exportWork;
  out.addEventListener("click", () => saveFile(exportWork(), "loss-and-activation.json", "application/json"));
  const label = document.createElement("label");
  label.className = "la-import";
  label.textContent = SENTENCES.importWork + " ";
  const file = document.createElement("input");
  file.type = "file";
  file.accept = ".json,application/json";
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  file.addEventListener("change", async () => {
    let text;
    try {
      text = SENTENCES.imported(importWork(await file.files[0].text()));
    } catch (error) {
      text = error.message;
    }
    refreshProgress(site);
    document.querySelector("#my-progress-table .la-offers p").textContent = text;
  });
  label.append(file);
  box.append(out, label, note);
  return box;
}
