// What Prometheus reads: requests by outcome, and times that add up to them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { esModule, Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start();
  await platform.deploy('counted', [
    esModule(
      "export default { fetch(r) { if (r.url.endsWith('/throw')) throw new Error('no'); return new Response('yes'); } };",
    ),
  ]);
});
after(() => platform.stop());

/** The page as name and labels → value. */
async function figures(): Promise<Map<string, number>> {
  const page = await ask(platform.api.replace('/client/v4', '/metrics'));
  assert.equal(page.status, 200);
  const samples = page.text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ') as [string, string]);
  return new Map(samples.map(([name, value]) => [name, Number(value)]));
}

test('every request is counted under its outcome and in both histograms', async () => {
  for (let i = 0; i < 5; i++) await platform.get('counted');
  for (let i = 0; i < 2; i++) await platform.get('counted', '/throw');
  let seen = await figures();
  while (seen.get('caravel_request_wall_seconds_count') !== 7) {
    await new Promise((tick) => setTimeout(tick, 50));
    seen = await figures();
  }
  assert.equal(seen.get('caravel_requests_total{outcome="ok"}'), 5);
  assert.equal(seen.get('caravel_requests_total{outcome="exception"}'), 2);
  assert.equal(seen.get('caravel_request_cpu_seconds_count'), 7);
  assert.equal(seen.get('caravel_request_cpu_seconds_bucket{le="+Inf"}'), 7);
  // One isolate on each shard that a connection reached.
  assert.ok(Number(seen.get('caravel_cold_starts_total')) >= 1);
});
