// Bundles what the pages load into files whose names hold a hash of their content, and writes which is which.
//
//     node bundle.mjs OUT
//
// OUT/app/ gets the files and OUT/manifest.json their names; OUT/app/LICENCES.txt what the bundled packages ask for.
import { build } from "esbuild";
import { readFile, readdir, writeFile, mkdir } from "node:fs/promises";
import path from "node:path";

const here = import.meta.dirname;
const out = path.resolve(process.argv[2] ?? path.join(here, "../_build/site-assets"));

const entries = {
  runner: "runner/runner.mjs", // small: what a page needs before anything is pressed
  editor: "runner/editor.mjs", // CodeMirror, asked for by the runner
  worker: "runner/worker.mjs", // Python, asked for by the runner
  figures: "figures/figures.mjs",
  style: "style.css",
};

const result = await build({
  absWorkingDir: here,
  entryPoints: Object.entries(entries).map(([out, file]) => ({ in: file, out })),
  outdir: path.join(out, "app"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  splitting: false, // each entry stands alone: the worker and the page share nothing
  minify: true,
  target: ["es2022"],
  legalComments: "none", // gathered below, once
  loader: { ".py": "text", ".svg": "dataurl" },
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [file, about] of Object.entries(result.metafile.outputs)) {
  if (!about.entryPoint) continue;
  const name = Object.keys(entries).find((key) => entries[key] === about.entryPoint);
  manifest[name] = "app/" + path.basename(file);
}
await mkdir(path.join(out, "app"), { recursive: true });
await writeFile(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");

// The packages that ended up in a bundle, each with its licence.
const packages = new Set();
for (const input of Object.keys(result.metafile.inputs)) {
  const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[1]);
}
const texts = [];
for (const name of [...packages].sort()) {
  const folder = path.join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  texts.push(`${name} ${version} (${license})\n\n${file ? await readFile(path.join(folder, file), "utf8") : ""}`);
}
await writeFile(path.join(out, "app", "LICENCES.txt"), texts.join("\n" + "-".repeat(78) + "\n\n"));
