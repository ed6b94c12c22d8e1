// Bundles the scripts of the pages into the Python package: `node build.mjs`.
// With --check, says how the bundles that are there differ from what comes out now; exit code 1 if
// they do.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../src/tzgraph/serve/views/static");
const names = ["app", "editor"];

const made = await build({
  absWorkingDir: here,
  entryPoints: Object.fromEntries(names.map((name) => [name, `src/${name}/main.js`])),
  outdir: "out",
  write: false,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const files = new Map();
const manifest = {};
for (const { path, contents } of made.outputFiles) {
  const name = path.match(/([^/\\]+)\.js$/)[1];
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 12);
  manifest[`${name}.js`] = `${name}-${hash}.js`;
  files.set(`${name}-${hash}.js`, Buffer.from(contents));
}
files.set("bundles.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
files.set("LICENSES.txt", Buffer.from(licences(Object.keys(made.metafile.inputs))));

const ours = /^(?:app|editor)-[0-9a-f]+\.js$|^bundles\.json$|^LICENSES\.txt$/;
const there = readdirSync(target).filter((name) => ours.test(name));
if (process.argv.includes("--check")) {
  const wrong = [
    ...[...files].filter(([name, bytes]) => !there.includes(name) || !bytes.equals(readFileSync(join(target, name)))).map(([name]) => name),
    ...there.filter((name) => !files.has(name)),
  ];
  for (const name of new Set(wrong)) console.error(`${name} is not what web/ makes; run python3 tasks.py web`);
  process.exitCode = wrong.length ? 1 : 0;
} else {
  for (const name of there) rmSync(join(target, name));
  for (const [name, bytes] of files) writeFileSync(join(target, name), bytes);
}
for (const [name, bytes] of files) if (name.endsWith(".js")) console.log(`${name}: ${bytes.length} bytes`);

// The licences of the packages of which anything is bundled.
function licences(inputs) {
  const folders = new Set(inputs.map((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]));
  folders.delete(undefined);
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(here, folder, "package.json")));
    const file = readdirSync(join(here, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} comes without its licence`);
    const text = readFileSync(join(here, folder, file), "utf8").replaceAll("\r\n", "\n").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const head = "The scripts of these pages hold parts of the packages below, under their licences.\n";
  return [head, ...texts].join(`\n${"-".repeat(80)}\n\n`);
}
