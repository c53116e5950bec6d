// A Worker that never ends its turn, or its memory, is ended by its limit with
// error 1102; neighbours and the process live on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start();
  await platform.deploy('neighbour', [
    esModule("export default { fetch() { return new Response('well') } }"),
  ]);
});
after(() => platform.stop());

const runaways = {
  'an empty loop': 'for (;;) {}',
  'a loop that drops what it allocates': 'let a = []; for (;;) { a = new Array(1000); }',
  'an array that grows without end': "const a = []; for (;;) a.push('x'.repeat(100) + a.length);",
  'a promise chain without end':
    'const a = []; const more = () => { a.push(new Array(100)); return Promise.resolve().then(more); }; await more();',
};

for (const [what, code] of Object.entries(runaways)) {
  test(`${what} ends with 1102`, async () => {
    const name = `runaway-${Object.keys(runaways).indexOf(what)}`;
    const source = `export default { async fetch() { ${code} return new Response('ended by itself'); } };`;
    await platform.deploy(name, [esModule(source)]);
    const host = await servingPid();
    const answer = await platform.get(name);
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.text, /error code: 1102/);
    assert.equal((await platform.get('neighbour')).text, 'well');
    assert.equal(await servingPid(), host, 'the host was replaced');
  });
}

test('a neighbour is answered while a runaway runs', async () => {
  const running = platform.get('runaway-0');
  assert.equal((await platform.get('neighbour')).text, 'well');
  assert.match((await running).text, /error code: 1102/);
});

test('an exception ends with 1101, and the next request is answered', async () => {
  const source = `export default { fetch(request) {
    if (request.url.endsWith('/throw')) throw new Error('secret reason');
    return new Response('calm');
  } };`;
  await platform.deploy('thrower', [esModule(source)]);
  const answer = await platform.get('thrower', '/throw');
  assert.equal(answer.status, 500);
  assert.match(answer.text, /error code: 1101/);
  assert.doesNotMatch(answer.text, /secret reason/);
  assert.equal((await platform.get('thrower')).text, 'calm');
});

/** Id of the process that runs Workers. */
async function servingPid(): Promise<number | undefined> {
  const { hosts } = await platform.status();
  return hosts.find(({ serving }) => serving)?.pid;
}
