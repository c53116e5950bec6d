// The platform's own classes are patched. What the platform does with their objects by
// itself must come out as ever.
import type { HostileCase } from './case.ts';

/** `$patch(C, …)` has members of a class lie, and notes who was asked in `asked`. */
const patching = `const asked = [];
  const $patch = (C, ...names) => {
    for (const name of names) {
      const lie = function () { asked.push(C.name + '.' + name); return 'patched'; };
      const { get } = Object.getOwnPropertyDescriptor(C.prototype, name);
      Object.defineProperty(C.prototype, name, { configurable: true, ...(get ? { get: lie } : { value: lie }) });
    }
  };`;

const server = `import http from 'node:http';
  import { handleAsNodeRequest } from 'cloudflare:node';
  http.createServer((req, res) => {
    let got = '';
    req.setEncoding('utf8').on('data', (text) => { got += text; }).on('end', () => res.end(req.headers.host + req.url + got));
  }).listen(8080);
  ${patching}
  $patch(URL, 'host', 'pathname', 'search', 'protocol');
  $patch(ReadableStream, 'getReader');
  $patch(ReadableStreamDefaultReader, 'read');
  $patch(ReadableStreamBYOBReader, 'read');
  $patch(TextDecoder, 'decode');
  const $ask = async (body, ctx) => {
    const request = new Request('http://name:8081/path?query#part', { method: 'POST', body });
    const answer = await handleAsNodeRequest(8080, request, {}, ctx);
    return [await answer.text(), ...asked].join();
  };`;

// `$spy()` replaces the builtins' methods by such as note where the platform's modules of
// Node call them: Node's own library calls some, as it does in Node.
const spying = `
  const $spy = () => {
    const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
    const { indexOf, slice, split } = String.prototype;
    let busy = false;
    const note = (name) => {
      if (busy) return;
      busy = true;
      const caller = apply(split, new Error().stack, ['\\n'])[3] ?? '';
      if (apply(indexOf, caller, ['caravel:node']) >= 0) asked[asked.length] = name + apply(slice, caller, [6]);
      busy = false;
    };
    const spied = (name, f) => function (...args) {
      note(name);
      return new.target ? construct(f, args, new.target) : apply(f, this, args);
    };
    const all = [Array, String, RegExp, Map, Set, WeakMap, WeakRef, Promise, DataView, ArrayBuffer,
      Uint8Array, Number, Function, Object, Date, Error, Symbol, getPrototypeOf(Uint8Array)];
    all.push(...all.map((c) => c.prototype), ...[[], new Map(), new Set()].map((c) => getPrototypeOf(c.values())),
      Reflect, Math, JSON);
    for (const object of all)
      for (const key of ownKeys(object)) {
        const descriptor = getOwnPropertyDescriptor(object, key);
        if (!descriptor.configurable || key === 'constructor') continue;
        for (const kind of ['value', 'get', 'set'])
          if (typeof descriptor[kind] === 'function' && !descriptor[kind].prototype)
            descriptor[kind] = spied(String(key), descriptor[kind]);
        defineProperty(object, key, descriptor);
      }
  };`;

export const patchedClasses: readonly HostileCase[] = [
  {
    name: 'a server of node:http gets the URL and a body that is a stream',
    node: true,
    head: server,
    code: `const pieces = ['a', 'b'], encoder = new TextEncoder();
      return $ask(new ReadableStream({ pull(c) { pieces.length ? c.enqueue(encoder.encode(pieces.shift())) : c.close(); } }), ctx);`,
    answer: 'name:8081/path?queryab',
  },
  {
    name: 'a server of node:http gets the URL and a body that is a text',
    node: true,
    head: server,
    code: "return $ask('text', ctx);",
    answer: 'name:8081/path?querytext',
  },
  {
    name: 'a server of node:http gets and gives texts, and the platform asks no builtin of script',
    node: true,
    head: `${server}\n${spying}`,
    code: "$spy(); return $ask('text', ctx);",
    answer: 'name:8081/path?querytext',
  },
  {
    name: 'a server of node:http gets and gives streams, and the platform asks no builtin of script',
    node: true,
    head: `import http from 'node:http';
      import { handleAsNodeRequest } from 'cloudflare:node';
      http.createServer((req, res) => {
        res.setHeader('a', 'b');
        req.on('data', (piece) => res.write(piece)).on('end', () => res.end(req.url));
      }).listen(8080);
      ${patching}
      $patch(ReadableStreamDefaultController, 'enqueue', 'close', 'error');
      ${spying}`,
    code: `const { close, enqueue } = ReadableByteStreamController.prototype, pieces = ['a', 'b'], encoder = new TextEncoder();
      $spy();
      const body = new ReadableStream({ type: 'bytes', pull(c) { pieces.length ? enqueue.call(c, encoder.encode(pieces.shift())) : close.call(c); } });
      const request = new Request('http://name/path', { method: 'POST', body });
      const answer = await handleAsNodeRequest(8080, request, {}, ctx);
      return [await answer.text(), answer.headers.get('a'), ...asked].join('\\n');`,
    answer: 'ab/path\nb',
  },
  {
    name: 'a server of node:http is upgraded, and the platform asks neither builtins nor WebSocket',
    node: true,
    head: `import http from 'node:http';
      import { handleAsNodeRequest } from 'cloudflare:node';
      http.createServer().on('upgrade', (req, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n');
        socket.on('data', (frame) => {
          if (frame[0] === 0x88) socket.end(new Uint8Array([0x88, 2, 0x0f, 0xa0]));
          if (frame[0] !== 0x81) return;
          socket.write(new Uint8Array([0x81, 2, 0x68]));
          socket.write('i');
          socket.write(new Uint8Array([0x89, 0]));
        });
      }).listen(8080);
      ${patching}
      ${spying}`,
    code: `const { accept, close, send } = WebSocket.prototype, { addEventListener: listen } = EventTarget.prototype;
      $spy();
      $patch(WebSocket, 'send', 'accept', 'close', 'readyState', 'binaryType');
      $patch(EventTarget, 'addEventListener', 'dispatchEvent');
      const request = new Request('http://name/', { headers: { upgrade: 'websocket' } });
      const { webSocket } = await handleAsNodeRequest(8080, request, {}, ctx);
      const told = [];
      accept.call(webSocket);
      listen.call(webSocket, 'message', ({ data }) => { told.push(data); close.call(webSocket, 4000, 'done'); });
      await new Promise((resolve) => {
        listen.call(webSocket, 'close', ({ code }) => { told.push(code); resolve(); });
        send.call(webSocket, 'x');
      });
      return [...told, ...asked].join('\\n');`,
    answer: 'hi\n4000',
  },
];
