// node build.mjs WIT OUT.wasm: builds guest.js beside it for the world guest of the folder WIT.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { componentize } from "@bytecodealliance/componentize-js";

const [wit, out] = process.argv.slice(2);
const { component } = await componentize({
  sourcePath: fileURLToPath(new URL("guest.js", import.meta.url)),
  witPath: wit,
  worldName: "guest",
  disableFeatures: ["http", "fetch-event"],
});
await writeFile(out, component);
