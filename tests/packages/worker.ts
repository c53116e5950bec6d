// What the check of a package sees: the Worker that uses it, and what it talks to.
import assert from 'node:assert/strict';
import type { Answer, Ask } from '../../tools/platform/http.ts';
import type { Platform } from '../../tools/platform/platform.ts';

/** A server that the Worker asks: it is told of it by variables. */
export interface Service {
  readonly vars: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/**
 * `check.ts` of a package's folder. The default export throws when an answer is
 * not what the package promises.
 */
export interface PackageTest<S extends Service = Service> {
  /** Starts what the Worker needs, before it is deployed. */
  readonly start?: () => Promise<S>;
  readonly default: (worker: Worker, service: S) => Promise<void>;
}

export class Worker {
  readonly #platform: Platform;
  readonly #name: string;

  constructor(platform: Platform, name: string) {
    this.#platform = platform;
    this.#name = name;
  }

  get(where = '/', options: Ask = {}): Promise<Answer> {
    return this.#platform.get(this.#name, where, options);
  }

  post(where: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.get(where, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** The text of an answer that must be 200. */
  async text(where = '/', options: Ask = {}): Promise<string> {
    const answer = await this.get(where, options);
    assert.equal(answer.status, 200, `${where}: ${answer.status} ${answer.text}`);
    return answer.text;
  }

  /** The JSON of an answer that must be 200. */
  async json(where = '/', options: Ask = {}) {
    return JSON.parse(await this.text(where, options));
  }
}
