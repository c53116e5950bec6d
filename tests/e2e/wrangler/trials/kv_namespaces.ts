// KV namespaces: made, told, renamed, deleted, bound.
import assert from 'node:assert/strict';
import type { Trial } from '../trial.ts';

/** The id that `kv namespace create` prints. */
export function namespaceIn(output: string): string {
  const id = /"?id"?\s*[:=]\s*"([0-9a-f]{32})"/.exec(output)?.[1];
  assert.ok(id, output);
  return id;
}

export async function kvNamespaces(trial: Trial) {
  const project = trial.project('spaces');
  const title = `cache ${trial.release.key}`;
  let id = '';

  await trial.does('kv namespace create', 'prints the id to bind', async () => {
    id = namespaceIn(await project.ok(['kv', 'namespace', 'create', title]));
  });

  await trial.refuses('kv namespace create', 'a title that is taken', async () => {
    await project.fails(['kv', 'namespace', 'create', title], /already exists|code: 10014/);
  });

  const listed = async (): Promise<{ id: string; title: string }[]> => {
    const output = await project.ok(['kv', 'namespace', 'list']);
    return JSON.parse(output.slice(output.indexOf('[')));
  };

  await trial.does('kv namespace list', 'tells of each, once', async () => {
    const own = (await listed()).filter((each) => each.id === id);
    assert.equal(own.length, 1);
    assert.ok(own[0]?.title.includes(title));
  });

  await trial.refuses('kv namespace list', 'a wrong token', async () => {
    await project.fails(['kv', 'namespace', 'list'], /no such API token/, {
      CLOUDFLARE_API_TOKEN: 'not-a-token',
    });
  });

  await trial.does('kv namespace rename', 'gives another title', async () => {
    const renamed = `${title} renamed`;
    await project.ok([
      ...['kv', 'namespace', 'rename', '--namespace-id', id, '--new-name', renamed],
    ]);
    assert.equal((await listed()).find((each) => each.id === id)?.title, renamed);
  });

  await trial.refuses('kv namespace rename', 'a namespace that is not there', async () => {
    await project.fails(
      [...['kv', 'namespace', 'rename', '--namespace-id', '0'.repeat(32), '--new-name', 'x']],
      /not found|10013/i,
    );
  });

  const remove = (of: string) => ['kv', 'namespace', 'delete', '--namespace-id', of];

  await trial.refuses(
    'kv namespace delete',
    'one that is bound, one that is not there',
    async () => {
      project.configure({ kv_namespaces: [{ binding: 'CACHE', id }] });
      await project.ok(['deploy']);
      await project.fails(remove(id), /spaces-/);
      await project.fails(remove('0'.repeat(32)), /not found|10013/i);
    },
  );

  await trial.does('kv namespace delete', 'takes it away', async () => {
    project.configure({});
    await project.ok(['deploy']);
    await project.ok(remove(id));
    assert.equal(
      (await listed()).find((each) => each.id === id),
      undefined,
    );
  });

  if (trial.release.makesNamespaces) {
    await trial.does('deploy', 'makes a namespace that has no id yet', async () => {
      const made = trial.project('provisioned', {}, { kv_namespaces: [{ binding: 'CACHE' }] });
      await made.ok(['deploy']);
      const found = (await listed()).filter((each) => each.title.includes(made.name));
      assert.equal(found.length, 1);
      await made.ok(['deploy']);
      assert.equal((await listed()).filter((each) => each.title.includes(made.name)).length, 1);
    });
  }
}
