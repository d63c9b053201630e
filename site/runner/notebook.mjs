// The head of an exercise page: solve it here, open it as a full notebook, or take it along.
import { SENTENCES } from "./sentences.mjs";

export function offerNotebook(page) {
  const { site } = page;
  const title = document.querySelector("article h1, main h1, h1");
  const box = document.createElement("div");
  box.className = "la-offers";
  const text = document.createElement("p");
  text.textContent = SENTENCES.solve;
  const lite = document.createElement("a");
  lite.className = "la-link la-lite";
  lite.href = `${site.root}lite/notebooks/index.html?path=${encodeURIComponent(site.page + ".ipynb")}`;
  lite.textContent = SENTENCES.lite;
  const download = document.createElement("button");
  download.type = "button";
  download.className = "la-download";
  download.textContent = SENTENCES.download;
  download.addEventListener("click", () => save(page));
  box.append(text, lite, download);
  title.after(box);
}

/** The notebook as it was handed out, with the learner's text in its cells. */
export async function notebookOf(page) {
  const { site } = page;
  const answer = await fetch(`${site.root}_sources/${site.page}.ipynb`);
  const notebook = await answer.json();
  const texts = new Map(page.cells.map((cell) => [cell.id, cell.text]));
  for (const cell of notebook.cells) if (texts.has(cell.id)) cell.source = texts.get(cell.id);
  return JSON.stringify(notebook, null, 1) + "\n";
}

async function save(page) {
  saveFile(await notebookOf(page), page.site.page.split("/").pop() + ".ipynb", "application/x-ipynb+json");
}

export function saveFile(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
