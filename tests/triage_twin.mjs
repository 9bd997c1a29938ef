// Runs exported functions of the phone's own modules over JSON: one request a line on standard
// input ({module, function, calls: [[argument, …], …]}), one answer a line on standard output
// ({results: […]} or {error}). Modules are paths from the folder given as the first argument.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const base = pathToFileURL(`${process.argv[2]}/`);

async function answer(request) {
  const module = await import(new URL(request.module, base));
  const run = module[request.function];
  return { results: request.calls.map((call) => run(...call) ?? null) };
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (error) {
    reply = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
