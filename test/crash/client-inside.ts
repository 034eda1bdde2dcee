// Asks ports of 127.0.0.1, in the network of whoever starts it, until its standard input ends; then tells what it missed.
import { once } from "node:events";
import { Client } from "../../demo/client.ts";

/** How long between an answer and the next question, in ms. A restart takes many times as long. */
const PAUSE_MS = 80;
/** Twelve VMs that boot at once on two cores make others slow, which is no interruption. */
const TIMEOUT_MS = 5000;

const targets = process.argv.slice(2).map((port) => ({ app: port, host: "", url: `http://127.0.0.1:${port}/version` }));
const since = performance.now();
const client = new Client(targets, PAUSE_MS, TIMEOUT_MS);
console.log("it asks");
await once(process.stdin.resume(), "end");
await client.stop();
console.log(JSON.stringify(client.interruptions(since)));
