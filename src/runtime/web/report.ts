// Where an exception goes that no code of the worker caught.
import { ArrayIsArray, String, TypeError } from './primordials.ts';
import { isObject } from './webidl.ts';

export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

// What log and error page say of a thrown value. Never throws: a getter of the
// worker's own error may.
export function describeError(error: unknown): ErrorFacts {
  try {
    if (!isObject(error)) return { name: 'Error', message: `${String(error)}`, stack: '' };
    const { name, message, stack } = error as {
      name?: unknown;
      message?: unknown;
      stack?: unknown;
    };
    if (message === undefined && typeof stack !== 'string') {
      return { name: 'Error', message: lazy('inspect').format([error]), stack: '' };
    }
    return {
      name: name === undefined ? 'Error' : `${name}`,
      message: message === undefined ? '' : `${message}`,
      stack: typeof stack === 'string' ? stack + errorsOf(error) + causesOf(error) : '',
    };
  } catch {
    return { name: 'Error', message: 'the thrown value cannot be read', stack: '' };
  }
}

// Causes may form a ring.
const maxCauses = 8;

// The stacks of what caused `error`, each behind "Caused by: ", as far as they
// can be read. Never throws.
function causesOf(error: object): string {
  let text = '';
  try {
    let { cause } = error as { cause?: unknown };
    for (let i = 0; i < maxCauses && cause !== undefined; i++) {
      const next = isObject(cause) ? (cause as { cause?: unknown; stack?: unknown }) : {};
      text += `\nCaused by: ${shown(cause)}`;
      ({ cause } = next);
    }
  } catch {
    text += '\nCaused by: a value that cannot be read';
  }
  return text;
}

// The first errors of an AggregateError, each behind "One of its errors: ".
function errorsOf(error: object): string {
  let text = '';
  try {
    const { errors } = error as { errors?: unknown };
    if (!ArrayIsArray(errors)) return text;
    for (let i = 0; i < errors.length && i < maxCauses; i++) {
      text += `\nOne of its errors: ${shown(errors[i])}`;
    }
    const left = errors.length - maxCauses;
    if (left > 0) text += `\nand ${left} more errors`;
  } catch {
    text += '\nOne of its errors: a value that cannot be read';
  }
  return text;
}

function shown(value: unknown): string {
  if (!isObject(value)) return String(value);
  const { stack } = value as { stack?: unknown };
  return typeof stack === 'string' ? stack : lazy('inspect').format([value]);
}

// Both answer whether the default (the log) is still wanted. global_events.ts sets
// `fire` to fire the `error` event; Node's library, where it is used, puts the
// listeners of `process` in front of both.
export const reporter = {
  fire: (_error: unknown): boolean => true,
  fireRejection: (_reason: unknown, _promise: Promise<unknown>): boolean => true,
};

// HTML §8.1.4.3 "report an exception".
export function reportError(error: unknown): void {
  if (reporter.fire(error)) logException(error);
}

export function logException(error: unknown): void {
  const { name, message, stack } = describeError(error);
  native.reportException(name, message, stack);
}

// Input and output belong to a request: the global scope has none.
export function requireInvocation(): number {
  const inv = native.currentInvocation();
  if (inv === 0)
    throw new TypeError(
      'Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), ' +
        'setting a timeout, and generating random values are not allowed within global scope. ' +
        'To fix this error, perform this operation within a handler. ' +
        'https://developers.cloudflare.com/workers/runtime-apis/handlers/',
    );
  return inv;
}
