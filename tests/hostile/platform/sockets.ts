// Connections of a Worker's own, opened and used in ways that no well-meaning Worker
// would. Nothing is reached: the platform allows no address of this machine.
import { type HostileCase, kLimitOrException } from './case.ts';

const head = `import { connect } from 'cloudflare:sockets'; import net from 'node:net'; import dns from 'node:dns'; import tls from 'node:tls';`;
const where = "{ hostname: '127.0.0.1', port: 1 }";

export const sockets: readonly HostileCase[] = [
  {
    name: 'options whose getters open, close and upgrade connections',
    head,
    node: true,
    code: `let s, deep = 0; const act = () => { if (deep++ > 20) return; try { connect(options(), options()); s?.close(); s?.startTls(options()); } catch {} };
      const options = () => ({ get hostname() { act(); return '127.0.0.1'; }, get port() { act(); return 1; }, get secureTransport() { act(); return 'starttls'; }, get allowHalfOpen() { act(); return 1; }, get highWaterMark() { act(); return 1; }, get expectedServerHostname() { act(); return 'x'; } });
      s = connect(options(), options());
      return await $later(() => s.opened) + await $later(() => connect(${where}).opened);`,
    answer: 'ErrorError',
  },
  {
    name: 'chunks whose memory has gone, shrinks, or is shared',
    head,
    node: true,
    code: `const told = [];
      const gone = new Uint8Array(8); structuredClone(0, { transfer: [gone.buffer] });
      const shrinks = new Uint8Array(new ArrayBuffer(64, { maxByteLength: 128 })); shrinks.buffer.resize(2);
      for (const chunk of [gone, shrinks, new Uint8Array(new SharedArrayBuffer(4)), 'text', null, {}, new Uint8Array(0)]) {
        const w = connect(${where}).writable.getWriter(); w.closed.catch(() => {}); w.ready.catch(() => {});
        told.push(await $later(() => w.write(chunk)));
      }
      return told.join();`,
    answer: /^(Error,|TypeError,){6}(Error|TypeError)$/,
  },
  {
    name: 'streams of a connection that are locked, cancelled and aborted at once',
    head,
    node: true,
    code: `const s = connect(${where}); const r = s.readable.getReader(); const w = s.writable.getWriter();
      w.closed.catch(() => {}); w.ready.catch(() => {}); r.closed.catch(() => {});
      const all = [r.read(), w.write(new Uint8Array(9)), w.abort(1), r.cancel(2), s.close(), w.close(), s.closed, s.opened];
      await Promise.allSettled(all.map((p) => Promise.race([p, new Promise((f) => setTimeout(f, 50))])));
      return 'well';`,
    answer: 'well',
  },
  {
    name: 'a write, a start of TLS and an end from within each other',
    head,
    node: true,
    code: `let n = 0; const again = (s) => { if (n++ < 30) { s.write('x', () => again(s)); s.end(() => again(s)); s.destroy(); try { tls.connect({ socket: s }).on('error', () => again(s)); } catch {} } };
      const s = net.connect(1, '127.0.0.1'); s.on('error', () => again(s)).on('close', () => again(s)); again(s);
      await new Promise((f) => setTimeout(f, 50)); return 'well';`,
    answer: 'well',
  },
  {
    name: 'builtins patched under node:net and node:dns',
    head: `${head} const kept = [];
      for (const p of [Promise.prototype, Map.prototype, Set.prototype, Array.prototype, String.prototype, RegExp.prototype, Uint8Array.prototype.__proto__])
        for (const k of Reflect.ownKeys(p)) { const d = Reflect.getOwnPropertyDescriptor(p, k); if (typeof d.value === 'function' && k !== 'constructor') kept[kept.length] = { p, k, d }; }`,
    node: true,
    code: `const restore = () => { for (let i = 0; i < kept.length; i++) $define(kept[i].p, kept[i].k, kept[i].d); };
      const told = await new Promise((resolve) => {
        const done = (e) => { restore(); resolve(e?.code ?? 'none'); };
        setTimeout(() => { restore(); resolve('late'); }, 100);
        for (let i = 0; i < kept.length; i++) if (kept[i].k !== 'then') $define(kept[i].p, kept[i].k, { value() { throw new EvalError(); }, configurable: true, writable: true });
        try { net.connect(1, '127.0.0.1').on('error', done); dns.resolve4('a.invalid', () => {}); } catch (e) { done({ code: 'threw' }); }
      });
      return told;`,
    answer: /^(\w+)$/,
  },
  {
    name: 'a connection at the end of the stack',
    head,
    node: true,
    cpuMs: 5000,
    code: `let ends = 0; const dive = () => { try { dive(); } catch (e) { if (ends++ < 200) { try { connect(${where}); } catch {} try { net.connect(1, '127.0.0.1').on('error', () => {}); } catch {} try { process.getBuiltinModule('tls'); dns.lookup('x.invalid', () => {}); } catch {} } throw e; } };
      try { dive(); } catch {}
      return await $later(() => connect(${where}).opened);`,
    answer: /^Error$|^error code: 110[12]/,
  },
  {
    name: 'connections without end',
    head,
    node: true,
    code: `for (;;) connect(${where}).writable.getWriter().write(new Uint8Array(1 << 20)).catch(() => {});`,
    answer: kLimitOrException,
  },
  {
    name: 'names that fit no packet to caraveld are refused wherever one is looked up',
    head: "import dns from 'node:dns'; import { connect } from 'cloudflare:sockets';",
    code: `const name = 'x'.repeat(70_000);
      const code = (ask) => new Promise((told) => ask(name, (error) => told(error.code)));
      return [await code(dns.lookup), await code(dns.resolve4),
        await $later(() => fetch('http://' + name + '/')),
        await $later(() => connect(name + ':1').opened)].join();`,
    answer: 'ENOTFOUND,EBADNAME,TypeError,Error',
    node: true,
  },
];
