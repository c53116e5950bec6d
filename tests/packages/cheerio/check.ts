import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const html = `<!doctype html><title>Ports &amp; ships</title><h1>Log</h1>
<ul><li data-port="goa">Goa<li data-port="diu">Diu</ul><a href="/in">in</a><a href="//x">out</a>
<table><tr><td> 1 <td>2</table><form><input name=q value=wind></form><script>alert(1)</script>`;

export default async (worker: Worker) => {
  const answer = await worker.get('/', { method: 'POST', body: html });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(JSON.parse(answer.text), {
    links: ['/in', '//x'],
    table: [['1', '2']],
    data: { title: 'Log', ports: ['goa', 'diu'] },
    title: 'Ports & ships',
    body:
      '<h1 class="big">Log <i>now</i></h1> <ul><li data-port="goa">Goa</li><li data-port="diu">Diu</li></ul>' +
      '<a href="/in">in</a><a href="//x">out</a> <table><tbody><tr><td> 1 </td><td>2</td></tr></tbody></table>' +
      '<form><input name="q" value="wind"></form>',
    form: [{ name: 'q', value: 'wind' }],
  });
};
