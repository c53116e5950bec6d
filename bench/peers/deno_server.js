// deno run deno_server.js PORT WORKER
const [port, worker] = Deno.args;
const { default: handler } = await import(worker);
Deno.serve({ hostname: '127.0.0.1', port: Number(port), onListen() {} }, handler.fetch);
