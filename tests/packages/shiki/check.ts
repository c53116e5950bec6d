import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ask = async (lang: string, body: string) =>
    JSON.parse((await worker.get(`/?lang=${lang}`, { method: 'POST', body })).text);
  const { html, tokens } = await ask('typescript', "const ship: string = 'nau';");
  assert.match(html, /^<pre class="shiki nord" style="background-color:#2e3440ff;color:#d8dee9ff"/);
  assert.match(html, /<span style="color:#81A1C1">const<\/span>/);
  assert.match(html, /<span style="color:#A3BE8C">nau<\/span>/);
  assert.equal(tokens.join(''), "const ship: string = 'nau';");
  const rust = await ask('rust', 'fn main() { println!("olá"); }');
  assert.match(rust.html, /<span style="color:#88C0D0;font-weight:bold"> println!<\/span>/);
  assert.equal((await worker.get('/?lang=cobol', { method: 'POST', body: 'x' })).status, 500);
};
