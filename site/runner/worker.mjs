// One Python for a page, in a worker, so that an endless loop hangs nothing and can be ended.
//
// In:   {do: "start", module, lock, packages}
//       {do: "run", id, cells: [{id, source}], target}      runs what the target needs and has not run as it stands
// Out:  {say: "progress", text}   {say: "ready"}   {say: "fatal", text}
//       {say: "begin", id, cell}  {say: "stream", id, name, text}  {say: "shown", id, outputs}
//       {say: "again", id, outputs: [[number, output]]}  {say: "done", id, error, cell}
import bootSource from "./boot.py";

const LONGEST = 20_000; // characters that one run may print

let python, boot;
let ran = new Map(); // cell id -> the source it was last run with

const say = (message) => self.postMessage(message);

async function start({ module, lock, packages }) {
  say({ say: "progress", text: "loading Python" });
  const { loadPyodide } = await import(module);
  python = await loadPyodide({ lockFileURL: lock, packages, fullStdLib: false });
  say({ say: "progress", text: "starting" });
  const scope = python.toPy({ __name__: "lossact_page" });
  python.runPython("import os; os.environ['MPLBACKEND'] = 'agg'");
  python.runPython(bootSource, { globals: scope });
  boot = Object.fromEntries(
    ["run", "needed", "wants_pictures", "redrawn"].map((name) => [name, scope.get(name)]),
  );
  say({ say: "ready" });
}

/** What is printed, as it is printed; cut where it is too much for a page. */
function listen(id) {
  let printed = 0;
  const stream = (name) => {
    const decoder = new TextDecoder();
    return {
      write(bytes) {
        const text = decoder.decode(bytes, { stream: true });
        if (printed <= LONGEST) {
          const rest = text.slice(0, LONGEST - printed);
          const cut = printed + text.length > LONGEST;
          say({ say: "stream", id, name, text: cut ? rest + "\n... (cut: more was printed than a page can show)" : rest });
        }
        printed += text.length;
        return bytes.length;
      },
    };
  };
  python.setStdout(stream("stdout"));
  python.setStderr(stream("stderr"));
}

/** Packages that a cell names, or that the course's own modules need behind its back. */
async function fetchFor(source) {
  const wanted = [];
  if (/\bplotting\b|matplotlib/.test(source)) wanted.push("matplotlib");
  if (/\bscipy\b/.test(source)) wanted.push("scipy");
  const missing = wanted.filter((name) => !(name in python.loadedPackages));
  if (missing.length) {
    say({ say: "progress", text: `loading ${missing.join(" and ")}` });
    await python.loadPackage(missing, { messageCallback() {} });
    say({ say: "progress", text: "" });
  }
}

async function runCell(id, cell) {
  say({ say: "begin", id, cell: cell.id });
  await fetchFor(cell.source);
  const name = `<cell ${cell.id}>`;
  let result = JSON.parse(boot.run(cell.source, name));
  const package_ = { scipy: "scipy", matplotlib: "matplotlib" }[result.missing?.split(".")[0]];
  if (package_ && !(package_ in python.loadedPackages)) {
    // Some functions import SciPy when they are first used. Nothing of the cell has been shown yet.
    say({ say: "progress", text: `loading ${package_}` });
    await python.loadPackage([package_], { messageCallback() {} });
    say({ say: "progress", text: "" });
    result = JSON.parse(boot.run(cell.source, name));
  }
  if (!result.error) ran.set(cell.id, cell.source);
  return result;
}

async function run({ id, cells, target }) {
  const at = cells.findIndex((cell) => cell.id === target);
  const before = boot.needed(python.toPy(cells.map((cell) => cell.source)), at).toJs();
  for (const number of before) {
    const cell = cells[number];
    if (ran.get(cell.id) === cell.source) continue;
    listen(`quiet`);
    const { error } = await runCell(id, cell);
    if (error) {
      say({ say: "done", id, error, cell: cell.id });
      return;
    }
  }
  listen(id);
  const result = await runCell(id, cells[at]);
  say({ say: "shown", id, outputs: result.outputs });
  say({ say: "done", id, error: result.error, cell: target });
  if (boot.wants_pictures()) {
    await python.loadPackage(["matplotlib"], { messageCallback() {} });
    say({ say: "again", id, outputs: JSON.parse(boot.redrawn()) });
  }
}

let queue = Promise.resolve();
self.onmessage = ({ data }) => {
  if (data.do === "start") {
    queue = start(data).catch((error) => say({ say: "fatal", text: String(error?.message ?? error) }));
  } else if (data.do === "run") {
    queue = queue
      .then(() => run(data))
      .catch((error) => say({ say: "done", id: data.id, error: { text: String(error?.message ?? error) }, cell: data.target }));
  }
};
