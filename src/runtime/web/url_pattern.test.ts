import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

// What script sees of a pattern and of what it makes of some inputs. It runs in a
// Worker and in Node, which has an implementation of its own.
const look = `(function (args, inputs) {
  const names = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
  let pattern;
  try { pattern = new URLPattern(...args) } catch (error) { return error.name }
  const plain = (result) => result && names.map((name) => [result[name].input, Object.entries(result[name].groups).sort()]);
  return JSON.stringify([
    names.map((name) => pattern[name]),
    pattern.hasRegExpGroups,
    inputs.map((input) => [pattern.test(...input), plain(pattern.exec(...input))]),
  ]);
})`;

const patterns: unknown[][] = [
  [{}],
  [],
  [{ pathname: '/foo/bar' }],
  [{ pathname: '/foo/:bar' }],
  [{ pathname: '/foo/:bar?' }],
  [{ pathname: '/foo/:bar*' }],
  [{ pathname: '/foo/:bar+' }],
  [{ pathname: '/foo/(.*)' }],
  [{ pathname: '/foo/*' }],
  [{ pathname: '/foo{/bar}?' }],
  [{ pathname: '/foo{/:bar}+' }],
  [{ pathname: '/foo/([^\\/]+?)' }],
  [{ pathname: '/(\\d+)' }],
  [{ pathname: '/:id(\\d+)/:rest*' }],
  [{ pathname: '/a:b-:c' }],
  [{ pathname: '{:a}b' }],
  [{ pathname: ':café' }],
  [{ pathname: '/:a/:a' }],
  [{ pathname: '/(' }],
  [{ pathname: '/{' }],
  [{ pathname: '/()' }],
  [{ pathname: '/(?:a)' }],
  [{ pathname: '/a\\' }],
  [{ pathname: '/ä b/..//c' }],
  [{ pathname: 'foo', baseURL: 'https://example.com/a/b/c?d#e' }],
  [{ pathname: '/foo', baseURL: 'https://example.com/a/b/c?d#e' }],
  [{ search: '?a=:b', hash: '#:c' }],
  [{ hostname: '*.example.com' }],
  [{ hostname: '{:sub.}?example.com' }],
  [{ hostname: 'EXAMPLE.com' }],
  [{ hostname: 'münchen.de' }],
  [{ hostname: '[\\:\\:1]' }],
  [{ hostname: '[\\:\\:xyz]' }],
  [{ hostname: 'bad hostname' }],
  [{ hostname: 'a#b' }],
  [{ hostname: 'a/b' }],
  [{ hostname: 'a\\\\b' }],
  [{ hostname: 'a%b' }],
  [{ hostname: 'a|b' }],
  [{ hostname: 'a@b' }],
  [{ protocol: 'http{s}?', port: '80' }],
  [{ protocol: 'https', port: '443' }],
  [{ protocol: 'https:' }],
  [{ protocol: 'a b' }],
  [{ protocol: 'data', pathname: 'a b%20"' }],
  [{ protocol: 'javascript', pathname: 'var x = 1;' }],
  [{ port: '65536' }],
  [{ port: '80a' }],
  [{ port: 'a' }],
  [{ port: '8\t0' }],
  [{ username: 'ü', password: 'p:w' }],
  ['https://example.com/:a/*?q=:q#:h'],
  ['https://*.example.com:8080/'],
  ['https://user:pw@example.com/x'],
  ['https://:user@example.com'],
  ['http{s}?://example.com{/:a}*'],
  ['/books/:id', 'https://example.com/shop/'],
  ['books/:id', 'https://example.com/shop/x'],
  ['?a=b', 'https://example.com/shop/x'],
  ['#a', 'https://example.com/shop/x?y'],
  ['/books/:id'],
  ['data:foobar'],
  ['data\\:foobar'],
  ['https://[\\:\\:1]/a'],
  ['https://[:address]/a'],
  ['https://example.com/a?b'],
  ['https://example.com/:a?b'],
  ['https://example.com/:a\\?b'],
  ['https://example.com'],
  ['https:// example.com/'],
  ['file:///a/b'],
  ['blob:https\\://example.com/*'],
  ['*://*/*'],
  ['(.*)'],
  ['/Foo', 'https://example.com', { ignoreCase: true }],
  [{ pathname: '/Foo' }, { ignoreCase: true }],
  [{ pathname: '/a' }, 'https://example.com'],
  ['https://example.com/(a|b)'],
  ['https://example.com/\\(a\\)'],
  ['https://example.com/😀/:x'],
  ['https://example.com/:😀'],
  ['https://example.com/{a}{b}*'],
  ['https://example.com/*.png'],
  ['https://example.com/*/:name.:ext'],
  ['', 'https://example.com/a'],
  ['https://example.com:443/a'],
  ['https://example.com:8443'],
  ['wss://h/:x', undefined],
  ['nonspecial://host/:x'],
];

const inputs: unknown[][] = [
  ['https://example.com/foo/bar'],
  ['https://example.com/foo/bar/baz?a=1#c'],
  ['https://user:pw@sub.example.com:8080/'],
  ['http://example.com/12/x/y'],
  ['https://example.com/foo'],
  ['https://example.com/FOO'],
  ['https://example.com/a/b/foo'],
  ['https://example.com/shop/books/7'],
  ['https://example.com/a/file.png?q=1#h'],
  ['books/9', 'https://example.com/shop/'],
  ['data:foobar'],
  ['https://[::1]/a'],
  ['nonspecial://host/x'],
  [{ pathname: '/foo/bar' }],
  [{ pathname: 'bar', baseURL: 'https://example.com/foo/' }],
  [{ pathname: '/foo', baseURL: 'no url' }],
  [{ protocol: 'https', hostname: 'example.com', port: '443', search: '?a=b', hash: '#x' }],
  [{ hostname: 'xn--mnchen-3ya.de' }],
  [{ port: '65536' }],
  [{}],
  [],
];

const inNode = runInThisContext(look) as (args: unknown[], inputs: unknown[][]) => string;
const inWorker = worker.run(look) as typeof inNode;

test.for(patterns)('a pattern of %j is what it is in Node', (...args) => {
  const pattern = args[0] as unknown[];
  expect(inWorker(pattern, inputs)).toBe(inNode(pattern, inputs));
});

test('a match names what it was asked for', () => {
  const got = worker.run(`
    new URLPattern({ pathname: '/:a/:b?' }).exec('/x', 'https://example.com')`) as {
    inputs: string[];
    pathname: object;
  };
  expect(got.inputs).toEqual(['/x', 'https://example.com']);
  expect(got.pathname).toEqual({ input: '/x', groups: { a: 'x', b: undefined } });
});

test('text that is no URL matches nothing', () => {
  expect(worker.run(`new URLPattern({}).test('no url')`)).toBe(false);
});

test('what is wrong with a pattern is said', () => {
  const message = (source: string) =>
    worker.run(`(() => { try { ${source} } catch (error) { return error.message } })()`);
  expect(message(`new URLPattern('/a')`)).toBe(
    'URLPattern: "/a" has no protocol; give a base URL as the second argument',
  );
  expect(message(`new URLPattern({ pathname: '/:a/:a' })`)).toBe(
    'URLPattern: "/:a/:a" is no pattern: the name "a" is there twice',
  );
  expect(message(`new URLPattern({ pathname: '/(a' })`)).toBe(
    'URLPattern: "/(a" is no pattern: a "(" is not closed, at position 1',
  );
});

test('patterns go on working when the Worker patches builtins', () => {
  const got = worker.run(`(() => {
    const { exec } = RegExp.prototype;
    RegExp.prototype.exec = String.prototype.slice = () => { throw new Error('patched') };
    try { return new URLPattern('https://a/:b').exec('https://a/c').pathname.groups.b }
    finally { RegExp.prototype.exec = exec }
  })()`);
  expect(got).toBe('c');
});
