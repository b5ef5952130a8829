// js-hello: a command in JavaScript. The argument "fail" makes run return its error, "throw" throws.
import { getArguments } from "wasi:cli/environment@0.2.12";

export const run = {
  run() {
    const args = getArguments();
    console.log("hello from JavaScript");
    if (args.length > 1) console.log(`arguments ${JSON.stringify(args.slice(1))}`);
    if (args[1] === "fail") throw undefined; // the error of a result<_, _> carries nothing
    if (args[1] === "throw") throw new Error("thrown in JavaScript");
    if (args[1] === "error") console.error("to stderr");
  },
};
