import { expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

test('components come out as they went in', async () => {
  const got = await worker.eval(`
    const url = new URL('../p?q=1#h', 'https://user:pw@host:8080/a/b/');
    return [url.href, url.origin, url.protocol, url.username, url.password, url.host, url.hostname,
      url.port, url.pathname, url.search, url.hash, JSON.stringify(url)];`);
  const href = 'https://user:pw@host:8080/a/p?q=1#h';
  expect(got).toEqual([
    href,
    'https://host:8080',
    'https:',
    'user',
    'pw',
    'host:8080',
    'host',
    '8080',
    '/a/p',
    '?q=1',
    '#h',
    `"${href}"`,
  ]);
});

test('components can be set, and nonsense leaves the URL as it is', async () => {
  const got = await worker.eval(`
    const url = new URL('http://a/');
    Object.assign(url, { host: 'b:81', pathname: 'x y', search: 'q', hash: 'z', port: 'none' });
    return url.href;`);
  expect(got).toBe('http://b:81/x%20y?q#z');
});

test('parse and canParse do not throw, the constructor does', async () => {
  const got = await worker.eval(`
    let message;
    try { new URL('nowhere') } catch (error) { message = error.message }
    return [URL.parse('nowhere'), URL.canParse('/a', 'http://b'), URL.parse('/a', 'http://b').href, message];`);
  expect(got).toEqual([null, true, 'http://b/a', 'Invalid URL: "nowhere"']);
});

test('arguments are made texts once, the URL before what it is relative to', async () => {
  const got = await worker.eval(`
    const seen = [];
    const told = (text) => ({ toString() { seen.push(text); return text; } });
    URL.parse(told('/a'), told('http://b'));
    new URL(told('/c'), told('http://d'));
    try { new URL(told('nowhere')) } catch {}
    return seen;`);
  expect(got).toEqual(['/a', 'http://b', '/c', 'http://d', 'nowhere']);
});

test('searchParams and search are one, in both directions', async () => {
  const got = await worker.eval(`
    const url = new URL('http://a/?b=1&c=%20&b=2');
    const { searchParams } = url;
    searchParams.append('d', 'ä&');
    const written = url.search;
    url.search = '?x=y';
    return [written, searchParams.get('x'), searchParams === url.searchParams, searchParams.size];`);
  expect(got).toEqual(['?b=1&c=+&b=2&d=%C3%A4%26', 'y', true, 1]);
});

test('URLSearchParams: pairs, records, text; delete and has by value; sort', async () => {
  const got = await worker.eval(`
    const params = new URLSearchParams([['b', '1'], ['a', '2'], ['b', '3']]);
    params.delete('b', '1');
    params.sort();
    return [params.toString(), params.has('b', '1'), params.has('b'),
      new URLSearchParams({ x: 'y z' }).toString(), [...new URLSearchParams('?p=%41&q')],
      new URLSearchParams('%ff=%zz').toString()];`);
  expect(got).toEqual([
    'a=2&b=3',
    false,
    true,
    'x=y+z',
    [
      ['p', 'A'],
      ['q', ''],
    ],
    '%EF%BF%BD=%25zz',
  ]);
});
