// SHELL.js WORKER.js OUTPUT ORIGIN: asks a Worker's module for its answer, in a runtime
// whose scripts are no Workers (Deno, Node), and writes it to OUTPUT.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [, , worker, output, origin] = process.argv;

// What a test leaves behind must not end the others.
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});
globalThis.addEventListener?.('unhandledrejection', (event) => event.preventDefault());
globalThis.addEventListener?.('error', (event) => event.preventDefault());
globalThis.self ??= globalThis;

// The tests may replace what this needs afterwards.
const { exit } = process;
const { default: handler } = await import(pathToFileURL(worker).href);
const request = new Request(`http://localhost/?origin=${encodeURIComponent(origin)}`);
const text = Response.prototype.text;
const answer = await handler.fetch(request);
writeFileSync(output, await text.call(answer));
exit(0);
