// Runs the double by itself: node test/github/main.ts [--port N]. Its address is the first line it prints.
import { parseArgs } from "node:util";
import { startDouble } from "./double.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, host: { type: "string", default: "127.0.0.1" } },
});
const double = await startDouble({ port: Number(values.port), host: values.host });
console.log(double.url);

// Ended by a signal, it says what it saw, and fails if anything was asked or answered that GitHub would not take or give.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await double.close();
    const answered = double.requests.map(({ method, path, status }) => `${status} ${method} ${path}`);
    console.log([...answered, ...double.violations.map((one) => `violation ${JSON.stringify(one)}`)].join("\n"));
    process.exitCode = double.violations.length === 0 ? 0 : 1;
  });
}
