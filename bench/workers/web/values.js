// URL, Headers, Request, Response, structuredClone and texts: values made and read.

const addresses = [
  'https://example.com/',
  'https://user:secret@shop.example.com:8443/a/b/../c/./d?x=1&y=two#part',
  'http://[2001:db8::1]/index.html',
  'https://bücher.example/straße?q=grün',
  'https://example.com/search?q=one%20two&page=3&sort=price&order=desc',
];

function url(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const parsed = new URL(addresses[i % addresses.length]);
    sum += parsed.pathname.length + parsed.search.length + parsed.host.length;
  }
  return sum;
}

function headers(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const list = new Headers({
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'public, max-age=60',
      ETag: '"abc"',
    });
    list.append('Vary', 'Accept-Encoding');
    list.append('vary', 'Accept');
    list.set('X-Number', `${i % 10}`);
    if (list.has('etag')) sum += list.get('Vary').length;
    for (const [name, value] of list) sum += name.length + value.length;
  }
  return sum;
}

function request(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const made = new Request('https://example.com/things?page=2', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer abc' },
      body: '{"a":1}',
    });
    sum += made.url.length + made.method.length + made.headers.get('authorization').length;
  }
  return sum;
}

function response(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const made = new Response('Hello World!', {
      status: 201,
      headers: { 'content-type': 'text/plain', 'x-number': '1' },
    });
    sum += made.status + made.headers.get('content-type').length + (made.ok ? 1 : 0);
  }
  return sum;
}

const order = {
  customer: 'Henrique',
  when: new Date(0),
  tags: new Set(['a', 'b', 'c']),
  byName: new Map([
    ['one', { n: 1 }],
    ['two', { n: 2 }],
  ]),
  items: Array.from({ length: 50 }, (_, i) => ({
    sku: `item-${i}`,
    price: i * 1.25,
    sizes: [i, i + 1],
  })),
  bytes: new Uint8Array(1024),
};

function clone(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const copy = structuredClone(order);
    sum += copy.items.length + copy.byName.size + copy.bytes.length;
  }
  return sum;
}

const header = 'Accept: text/html, application/json;q=0.9, image/webp ;q=0.8, */*;q=0.1';

// As a parser of headers in JavaScript has it. A function of its own, so that it is compiled
// as it is called: where the loop of `strings` itself is entered midway, how well its code
// comes out is chance.
function scan(text) {
  let sum = 0;
  let from = text.indexOf(':') + 1;
  for (let at = from; at <= text.length; at++) {
    if (at < text.length && text.charCodeAt(at) !== 0x2c) continue;
    const [type, ...parameters] = text.slice(from, at).split(';');
    sum += type.trim().toUpperCase().length;
    for (const each of parameters) if (each.startsWith('q=')) sum += each.length;
    from = at + 1;
  }
  return sum;
}

function strings(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += scan(header);
  return sum;
}

export const values = { strings, url, headers, request, response, structuredClone: clone };
