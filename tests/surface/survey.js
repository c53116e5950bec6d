// A Worker that answers with all that it finds on its global object, in its handler's
// arguments and on what those are instances of: by name, what kind of thing it is.
// Workers runtimes differ in where an attribute stands (on the instance or on its
// prototype), in lengths of functions and in whether interfaces are enumerable, which
// Web IDL decides here (idlharness.js of the Web Platform Tests): none of that is told.

import * as workers from 'cloudflare:workers';

const builtin = new Set([Object.prototype, Function.prototype]);

/** Of symbols, the language's own: others belong to one runtime. */
const nameOf = (key) =>
  typeof key === 'string'
    ? `.${key}`
    : key.description?.startsWith('Symbol.')
      ? `[${key.description}]`
      : undefined;

const isClass = (value, name) => typeof value === 'function' && /^[A-Z]/.test(name);

function kindOf({ value, get, set, writable, enumerable }, name) {
  const hidden = enumerable ? '' : ', hidden';
  if (isClass(value, name)) return 'class';
  if (typeof value === 'function') return `function${hidden}`;
  if (/^[A-Z_]+$/.test(name)) return `constant ${value}${hidden}`;
  return `${(get && !set) || (value !== undefined && !writable) ? 'read-only ' : ''}attribute${hidden}`;
}

/** What `objects` have of their own, the first that has a name deciding. */
function members(objects, name, found, skip = []) {
  for (const object of objects)
    for (const key of Reflect.ownKeys(object)) {
      const member = nameOf(key);
      // It stands on each event here, as the DOM Standard says.
      if (member === undefined || key === 'isTrusted' || skip.includes(key)) continue;
      if (key === Symbol.toStringTag) found[`${name}[Symbol.toStringTag]`] ??= `${object[key]}`;
      else
        found[name + member] ??= kindOf(Object.getOwnPropertyDescriptor(object, key), String(key));
    }
}

function chain(object) {
  const objects = [];
  for (let at = object; at !== null && !builtin.has(at); at = Object.getPrototypeOf(at))
    objects.push(at);
  return objects;
}

/** Instances, for attributes that stand on these. */
function samples(request, context) {
  const { readable } = new TransformStream();
  const channel = new MessageChannel();
  return [
    request,
    context,
    new Response('x'),
    new Headers(),
    new Event('x'),
    new CustomEvent('x'),
    new MessageEvent('x'),
    new ErrorEvent('x'),
    new CloseEvent('x'),
    new AbortController().signal,
    new URL('http://x/'),
    new URLSearchParams('a=b'),
    new URLPattern({}),
    new Blob(['x']),
    new File(['x'], 'x'),
    new FormData(),
    new DOMException('x'),
    new TextDecoder(),
    new TextEncoder(),
    new WebSocketPair()[0],
    channel.port1,
    readable,
    new CompressionStream('gzip'),
    channel,
    caches,
    caches.default,
    crypto,
    crypto.subtle,
    navigator,
    performance,
  ];
}

function aboutClass(made, name, instances, found) {
  const { prototype } = made;
  const parent = Object.getPrototypeOf(prototype);
  if (parent !== null && parent !== Object.prototype)
    found[`${name} extends`] = parent.constructor?.name ?? '';
  members([made], name, found, ['prototype', 'length', 'name', 'arguments', 'caller']);
  const own = instances.filter((each) => Object.getPrototypeOf(each) === prototype);
  members([...chain(prototype), ...own], `${name}.prototype`, found, ['constructor']);
}

async function survey(request, context) {
  const found = {};
  const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  const instances = [...samples(request, context), key];
  const scopes = chain(globalThis);
  const names = new Set(scopes.flatMap((scope) => Object.getOwnPropertyNames(scope)));
  names.delete('constructor');
  for (const name of names) {
    const value = globalThis[name];
    if (value === undefined && name !== 'undefined') continue;
    if (typeof value === 'function') {
      found[name] = isClass(value, name) ? 'class' : 'function';
      // The prototypes of the global object have the globals, in some runtimes.
      if (isClass(value, name) && value.prototype && !name.endsWith('GlobalScope'))
        aboutClass(value, name, instances, found);
    } else {
      found[name] = typeof value;
      // Node's, and checked by its own tests.
      if (typeof value !== 'object' || [globalThis, globalThis.process].includes(value)) continue;
      members(chain(value), name, found, ['constructor']);
      for (const [key, { value: part }] of Object.entries(Object.getOwnPropertyDescriptors(value)))
        if (isClass(part, key) && part.prototype)
          aboutClass(part, `${name}.${key}`, instances, found);
    }
  }
  members(chain(context), 'ctx', found, ['constructor']);
  for (const [name, value] of Object.entries(workers)) {
    const known = `workers.${name}`;
    found[known] = isClass(value, name) ? 'class' : typeof value;
    if (isClass(value, name) && value.prototype) aboutClass(value, known, [], found);
  }
  found['the global object'] = `${globalThis}`;
  return found;
}

export default {
  async fetch(request, _env, context) {
    return Response.json(await survey(request, context));
  },
};
