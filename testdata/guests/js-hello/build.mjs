// node build.mjs OUT.wasm [FEATURE...]: builds hello.js beside it. Run npm install --no-package-lock here (or in a copy of the folder) before.
// The engine's features stdio, random and clocks stay; the ones named, http and fetch-event without a name, are disabled,
// which takes their imports out of the component. "none" disables nothing.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { componentize } from "@bytecodealliance/componentize-js";

const [out, ...features] = process.argv.slice(2);
if (!out) {
  console.error("usage: node build.mjs OUT.wasm [FEATURE...]");
  process.exit(2);
}
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const disableFeatures = features.length === 0 ? ["http", "fetch-event"] : features.filter((f) => f !== "none");

const { component, imports } = await componentize({
  sourcePath: here("hello.js"),
  witPath: here("world.wit"),
  worldName: "js-hello",
  disableFeatures,
});
await writeFile(out, component);
console.log(`${out} ${component.byteLength} bytes`);
for (const [from, name] of imports) console.log(`import ${from} ${name}`);
