// js-hello: a command in JavaScript. The argument "fail" makes run return its error, "throw" throws, and "fetch URL" says
// what came of it (built with every feature).
import { getArguments } from "wasi:cli/environment@0.2.12";

export const run = {
  async run() {
    const args = getArguments();
    console.log("hello from JavaScript");
    if (args.length > 1) console.log(`arguments ${JSON.stringify(args.slice(1))}`);
    if (args[1] === "fail") throw undefined; // the error of a result<_, _> carries nothing
    if (args[1] === "throw") throw new Error("thrown in JavaScript");
    if (args[1] === "fetch") {
      await fetch(args[2]).then((r) => console.log(`status ${r.status}`), (e) => console.log(`fetch: ${e.name}`));
    }
    if (args[1] === "error") console.error("to stderr");
  },
};
