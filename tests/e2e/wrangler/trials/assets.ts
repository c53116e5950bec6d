// Static assets: uploaded once, with code and without.
import assert from 'node:assert/strict';
import type { Trial } from '../trial.ts';

export async function assets(trial: Trial) {
  // Contents that the account has are not uploaded again.
  const { key } = trial.release;

  await trial.does('deploy', 'assets beside code, each content uploaded once', async () => {
    const project = trial.project(
      'site',
      {
        'public/index.html': `<h1>home of ${key}</h1>`,
        'public/a b.txt': `text of ${key}`,
        'public/_headers': '/*\n  X-Site: yes\n',
        'index.js': `export default { async fetch(request, env) {
          const asset = await env.ASSETS.fetch('http://x/a%20b.txt');
          return new Response('code and ' + await asset.text());
        } };`,
      },
      { assets: { directory: 'public', binding: 'ASSETS' } },
    );
    await project.says(['deploy'], /2 new or modified/);
    assert.equal(await project.answer('/'), `<h1>home of ${key}</h1>`);
    assert.equal(await project.answer('/api'), `code and text of ${key}`);
    project.write({ 'public/new.txt': `new of ${key}` });
    await project.says(['deploy'], /1 new or modified/);
    assert.equal(await project.answer('/new.txt'), `new of ${key}`);
    assert.equal(await project.answer('/'), `<h1>home of ${key}</h1>`);
    const { headers } = await trial.platform.get(project.name, '/');
    assert.equal(headers['x-site'], 'yes');
  });

  await trial.does('deploy', 'a site without code, with redirects', async () => {
    const project = trial.project(
      'static',
      {
        'public/index.html': 'home',
        'public/404.html': 'not here',
        'public/_redirects': '/old /new 301\n',
      },
      { main: undefined, assets: { directory: 'public', not_found_handling: '404-page' } },
    );
    await project.ok(['deploy']);
    await project.ok(['deploy']);
    assert.equal(await project.answer('/'), 'home');
    assert.equal(await project.answer('/absent'), '404 not here');
    const moved = await trial.platform.get(project.name, '/old');
    assert.deepEqual([moved.status, moved.headers.location], [301, '/new']);
  });

  await trial.does('versions upload', 'assets belong to their version', async () => {
    const config = { preview_urls: true, assets: { directory: 'public' } };
    const project = trial.project('parted', { 'public/page.txt': 'old' }, config);
    await project.ok(['deploy']);
    project.write({ 'public/page.txt': 'new' });
    const output = await project.ok(['versions', 'upload']);
    const id = /Version ID: ([0-9a-f]{8})/.exec(output)?.[1] ?? '';
    assert.equal(await project.answer('/page.txt'), 'old');
    const preview = await trial.platform.get(`${id}-${project.name}`, '/page.txt');
    assert.equal(preview.text, 'new');
  });

  await trial.refuses('deploy', 'rules that are wrong, a folder that is not there', async () => {
    const project = trial.project(
      'misruled',
      { 'public/index.html': 'home', 'public/_headers': 'X-No: path\n' },
      { assets: { directory: 'public' } },
    );
    const ended = await project.wrangler(['deploy']);
    assert.match(ended.output, /_headers|X-No|path/);
    project.configure({ assets: { directory: 'absent' } });
    await project.fails(['deploy'], /absent/);
  });
}
