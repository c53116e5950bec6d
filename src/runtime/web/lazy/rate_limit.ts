// Rate limits, as env has them. Source: Workers documentation, "Rate Limiting". The host
// counts (host/rate_limiter.h); what is wrong with a call is told as wrangler dev tells it.
import { inner } from '../inner_promises.ts';
import { ArrayPrototypeJoin, Error, ReflectOwnKeys } from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import { defineInterface, illegalConstructor, isObject, kInternal } from '../webidl.ts';

// Another key than `key` is refused: it would be taken for a setting that changes what is
// counted.
function toKey(options: unknown): string {
  if (!isObject(options)) throw new Error('invalid rate limit options');
  const unknown: string[] = [];
  const names = ReflectOwnKeys(options);
  for (let i = 0; i < names.length; i++)
    if (names[i] !== 'key') unknown[unknown.length] = String(names[i]);
  if (unknown.length > 0)
    throw new Error(`bad rate limit options: [${ArrayPrototypeJoin(unknown, ',')}]`);
  const { key = '' } = options as { key?: unknown };
  if (typeof key !== 'string') throw new Error(`invalid key: ${String(key)}`);
  return key;
}

interface Outcome {
  success: boolean;
}

export class RateLimit {
  readonly #number: number; // of the limit

  constructor(token: unknown = undefined, number: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#number = number as number;
  }

  async limit(options: unknown): Promise<Outcome> {
    const key = toKey(options);
    return { success: await inner(native.rateLimit(requireInvocation(), this.#number, key)) };
  }
}
defineInterface(RateLimit, 'RateLimit');

// Called by runtime/worker_start.cc for each binding.
export function makeRateLimit(number: number): RateLimit {
  return new RateLimit(kInternal, number);
}
