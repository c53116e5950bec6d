// `wrangler deploy` of code in its forms, and what stands in the way of a deployment.
import assert from 'node:assert/strict';
import { answering, type Trial, versionIn } from '../trial.ts';

const wasm = Buffer.from(
  // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
  '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b',
  'hex',
);

export async function deploy(trial: Trial) {
  const { platform } = trial;

  await trial.does('deploy', 'the second deployment takes over, with message and tag', async () => {
    const project = trial.project('twice');
    const first = versionIn(await project.says(['deploy'], /Uploaded twice-/));
    assert.equal(await project.answer(), project.name);
    project.write({ 'index.js': answering('second') });
    const { namesDeployments } = trial.release;
    const marked = namesDeployments ? ['--message', 'said so', '--tag', 'v2'] : [];
    const second = versionIn(await project.ok(['deploy', ...marked]));
    assert.notEqual(second, first);
    assert.equal(await project.answer(), 'second');
    const { result } = await platform.ask<{ annotations: Record<string, string> }>(
      'GET',
      project.path(`/versions/${second}`),
    );
    if (namesDeployments) {
      assert.equal(result.annotations['workers/message'], 'said so');
      assert.equal(result.annotations['workers/tag'], 'v2');
    }
  });

  await trial.does('deploy', 'modules of each type', async () => {
    const project = trial.project('types', {
      'note.txt': 'a note',
      'data.bin': new Uint8Array([1, 2, 3]),
      'add.wasm': wasm,
      'list.json': '[4, 5]',
      'index.js': `import note from './note.txt'; import data from './data.bin';
        import list from './list.json'; import add from './add.wasm';
        export default { async fetch() {
          const { exports } = await WebAssembly.instantiate(add);
          return Response.json([note, data.byteLength, list, exports.add(2, 3)]);
        } };`,
    });
    await project.ok(['deploy']);
    assert.deepEqual(JSON.parse(await project.answer()), ['a note', 3, [4, 5], 5]);
  });

  await trial.does('deploy', 'a service worker, with its bindings as globals', async () => {
    const project = trial.project(
      'service',
      {
        'note.txt': 'a note',
        'index.js': `import note from './note.txt';
          addEventListener('fetch', (event) => event.respondWith(
            Response.json([GREETING, LIMITS.most, note])));`,
      },
      { vars: { GREETING: 'hello', LIMITS: { most: 3 } } },
    );
    await project.ok(['deploy']);
    assert.deepEqual(JSON.parse(await project.answer()), ['hello', 3, 'a note']);
    await project.ok(['deploy']); // the way through the API is another one then
    assert.deepEqual(JSON.parse(await project.answer()), ['hello', 3, 'a note']);
  });

  await trial.does('deploy', 'a project that is not bundled, with its modules', async () => {
    const project = trial.project(
      'plain',
      {
        'index.js': `import { text } from './lib/text.js';
          export default { fetch: () => new Response(text) };`,
        'lib/text.js': `export const text = 'from lib';`,
      },
      { no_bundle: true, rules: [{ type: 'ESModule', globs: ['**/*.js'] }] },
    );
    await project.ok(['deploy']);
    assert.equal(await project.answer(), 'from lib');
  });

  await trial.does('deploy', '--dry-run asks nothing of the API', async () => {
    const project = trial.project('dry');
    const before = trial.bench.recorder.calls.length;
    await project.says(['deploy', '--dry-run'], /--dry-run: exiting now/);
    const own = trial.bench.recorder.calls
      .slice(before)
      .filter(({ path, caller }) => caller.release === trial.release && path.includes('/dry-'));
    assert.deepEqual(own, []);
    assert.match(await project.answer(), /^404 /);
  });

  await trial.refuses('deploy', 'code that cannot start, with the place', async () => {
    const project = trial.project('broken', {
      'index.js': 'undefinedThing();\nexport default {};',
    });
    await project.fails(
      ['deploy'],
      /ReferenceError: undefinedThing is not defined[\s\S]*index\.js:1/,
    );
    await project.fails(['deploy'], /code: 10021/);
  });

  await trial.refuses(
    'deploy',
    'a compatibility flag that is not known, with the nearest',
    async () => {
      const project = trial.project('flags', {}, { compatibility_flags: ['nodejs_compatt'] });
      await project.fails(['deploy'], /nodejs_compatt[\s\S]*nodejs_compat/);
    },
  );

  await trial.refuses('deploy', 'a token that is not one, and none at all', async () => {
    const project = trial.project('tokens');
    await project.fails(['deploy'], /no such API token[\s\S]*code: 10000/, {
      CLOUDFLARE_API_TOKEN: 'not-a-token',
    });
    await project.fails(['deploy'], /CLOUDFLARE_API_TOKEN/, { CLOUDFLARE_API_TOKEN: undefined });
  });

  await trial.refuses('deploy', 'what is not built, by name', async () => {
    const bucket = { r2_buckets: [{ binding: 'FILES', bucket_name: 'files' }] };
    await trial.project('bucket', {}, bucket).fails(['deploy'], /R2/);
    const queue = { queues: { producers: [{ binding: 'JOBS', queue: 'jobs' }] } };
    await trial.project('queue', {}, queue).fails(['deploy'], /Queues/);
    const database = {
      d1_databases: [{ binding: 'DB', database_name: 'db', database_id: absentDatabase }],
    };
    await trial.project('database', {}, database).fails(['deploy'], /D1/);
  });

  await trial.refuses(
    'deploy',
    'a service that is not there, a namespace that is not there',
    async () => {
      const service = { services: [{ binding: 'OTHER', service: 'nobody' }] };
      await trial.project('calls', {}, service).fails(['deploy'], /nobody[\s\S]*code: 10143/);
      const namespace = { kv_namespaces: [{ binding: 'CACHE', id: '0'.repeat(32) }] };
      await trial.project('reads', {}, namespace).fails(['deploy'], /code: 10041/);
    },
  );
}

const absentDatabase = '00000000-0000-4000-8000-000000000000';
