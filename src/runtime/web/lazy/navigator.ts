// navigator, HTML §8.8.1, as far as Workers have it.
import { ObjectFreeze } from '../primordials.ts';
import { defineInterface, illegalConstructor, kInternal } from '../webidl.ts';

export class Navigator {
  // What a receiver must have.
  readonly #state = {
    userAgent: 'Cloudflare-Workers',
    hardwareConcurrency: 1,
    language: 'en',
    languages: ObjectFreeze(['en']),
    platform: '',
  };

  constructor(guard?: unknown) {
    if (guard !== kInternal) illegalConstructor();
  }

  // The name by which libraries know that they run on the Workers API.
  get userAgent(): string {
    return this.#state.userAgent;
  }
  get hardwareConcurrency(): number {
    return this.#state.hardwareConcurrency;
  }
  get language(): string {
    return this.#state.language;
  }
  get languages(): readonly string[] {
    return this.#state.languages;
  }
  get platform(): string {
    return this.#state.platform;
  }
}
defineInterface(Navigator, 'Navigator');

export const navigator = new Navigator(kInternal);
