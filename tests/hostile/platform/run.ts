// Runs cases of hostile use on one platform, each in a Worker of its own.
import assert from 'node:assert/strict';
import { esModule, type Platform } from '../../../tools/platform/platform.ts';
import { type HostileCase, sourceOf } from './case.ts';

/** A Worker that counts its answers: a count that begins anew is another process. */
const neighbour = `let count = 0;
export default { fetch: () => new Response(String(++count)) };`;

export class Neighbourhood {
  readonly #platform: Platform;
  #answers = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  deploy() {
    return this.#platform.deploy('neighbour', [esModule(neighbour)]);
  }

  /** Throws unless the neighbour answers, from the isolate that it always had. */
  async check() {
    const { text } = await this.#platform.get('neighbour');
    const expected = String(++this.#answers);
    this.#answers = Number(text) || 0; // the next case is judged by itself
    assert.equal(text, expected, 'the neighbour was harmed, or the process died');
  }
}

export async function runCase(platform: Platform, name: string, hostile: HostileCase) {
  const further = Object.entries(hostile.modules ?? {}).map(([file, code]) => esModule(code, file));
  await platform.deploy(name, [esModule(sourceOf(hostile)), ...further], {
    compatibility_date: hostile.node ? '2026-08-04' : '2026-01-01',
    limits: { cpu_ms: hostile.cpuMs ?? 500 },
  });
  const asks = [['/', hostile.answer] as const, ...(hostile.after ?? [])];
  for (const [path, expected] of asks) {
    const text = await platform.get(name, path).then(
      (answer) => answer.text,
      (error) => `no answer: ${error.message}`,
    );
    if (typeof expected === 'string') assert.equal(text, expected, path);
    else assert.match(text, expected, path);
  }
}
