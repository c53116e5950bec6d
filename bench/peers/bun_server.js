// bun bun_server.js PORT WORKER
const [port, worker] = process.argv.slice(2);
const { default: handler } = await import(worker);
Bun.serve({ hostname: '127.0.0.1', port: Number(port), fetch: handler.fetch });
