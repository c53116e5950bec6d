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
];
