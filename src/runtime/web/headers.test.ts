import { expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

test('names are found in any case, and values of one name are joined', async () => {
  const got = await worker.eval(`
    const headers = new Headers({ Accept: 'a' });
    headers.append('ACCEPT', ' b\\t');
    return [headers.get('accept'), headers.has('aCCept'), headers.get('absent')];`);
  expect(got).toEqual(['a, b', true, null]);
});

test('iteration is sorted, and keeps each Set-Cookie apart', async () => {
  const got = await worker.eval(`
    const headers = new Headers([['b', '1'], ['Set-Cookie', 'x=1'], ['a', '2'], ['set-cookie', 'y=2'], ['b', '3']]);
    return [[...headers], headers.getSetCookie(), headers.getAll('set-cookie')];`);
  const cookies = ['x=1', 'y=2'];
  expect(got).toEqual([
    [
      ['a', '2'],
      ['b', '1, 3'],
      ['set-cookie', 'x=1'],
      ['set-cookie', 'y=2'],
    ],
    cookies,
    cookies,
  ]);
});

test.each([
  [`new Headers({ 'a b': 'x' })`, 'is not a header name'],
  [`new Headers({ a: 'x\\ny' })`, 'NUL, CR or LF'],
  [`new Headers({ a: '\\u0100' })`, 'above U+00FF'],
  [`new Headers([['a']])`, 'a pair has 1 elements'],
  [`new Headers('text')`, 'not an object of headers'],
  [`new Headers().get()`, '1 argument required, 0 given'],
])('%s throws a TypeError', async (source, message) => {
  const got = await worker.eval(`return ${source}`);
  expect(got).toMatch(/^TypeError: /);
  expect(got).toContain(message);
});

test('set keeps the place of the first value, delete takes all', async () => {
  const got = await worker.eval(`
    const headers = new Headers([['a', '1'], ['b', '2'], ['a', '3']]);
    headers.set('a', '4');
    const after = [...headers];
    headers.delete('a');
    return [after, [...headers]];`);
  expect(got).toEqual([
    [
      ['a', '4'],
      ['b', '2'],
    ],
    [['b', '2']],
  ]);
});

test('headers of a request that arrived cannot be changed, of its copy they can', async () => {
  const other = new Worker();
  other.start(`{ default: { fetch(request) {
    const copy = new Request(request);
    copy.headers.set('a', '2');
    let refused = '';
    try { request.headers.set('a', '2') } catch (error) { refused = error.message }
    return Response.json([refused, request.headers.get('a'), copy.headers.get('a')]);
  } } }`);
  const sent = await other.send({ headers: ['a', '1'] });
  expect(JSON.parse(sent.body ?? '')).toEqual([
    expect.stringContaining("Can't modify immutable headers"),
    '1',
    '2',
  ]);
});
