// node pyodide_runner.mjs PYODIDE ARCHIVE ANSWERS
// Unpacks ARCHIVE (a zip) into a fresh Pyodide from the folder PYODIDE, with NumPy alone, runs the
// `main` of its pyodide_side.py, and writes what that leaves in answers.pickle to the file ANSWERS.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, archive, answers] = process.argv.slice(2).map((path) => resolve(path));
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const pyodide = await loadPyodide({ indexURL: `${folder}/`, lockFileURL: `${folder}/pyodide-lock.json` });
await pyodide.loadPackage("numpy", { messageCallback: () => {} });

const here = "/home/pyodide/proof";
pyodide.unpackArchive(new Uint8Array(readFileSync(archive)), "zip", { extractDir: here });
try {
  pyodide.runPython(`
    import sys, warnings
    warnings.simplefilter("error")
    sys.path.insert(0, "${here}")
    import pyodide_side
    pyodide_side.main("${here}")
  `);
} catch (error) {
  console.error(error.message); // without the megabyte of source that Node would show
  process.exit(1);
}
writeFileSync(answers, pyodide.FS.readFile(`${here}/answers.pickle`));
