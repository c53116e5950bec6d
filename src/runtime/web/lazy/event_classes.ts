// The kinds of Event that few workers make: CustomEvent (DOM §2.4), ErrorEvent
// and PromiseRejectionEvent (HTML §8.1.4).
import { Event } from '../events.ts';
import { TypeError } from '../primordials.ts';
import { defineInterface, isObject, requireArguments, toDictionary } from '../webidl.ts';

export class CustomEvent extends Event {
  readonly #detail: unknown;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'CustomEvent');
    super(type, init);
    const { detail } = toDictionary<{ detail: unknown }>(init, 'CustomEvent');
    this.#detail = detail === undefined ? null : detail;
  }

  get detail(): unknown {
    return this.#detail;
  }
}
defineInterface(CustomEvent, 'CustomEvent');

interface ErrorEventInit {
  message: unknown;
  filename: unknown;
  lineno: unknown;
  colno: unknown;
  error: unknown;
}

export class ErrorEvent extends Event {
  readonly #message: string;
  readonly #filename: string;
  readonly #lineno: number;
  readonly #colno: number;
  readonly #error: unknown;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ErrorEvent');
    super(type, init);
    const options = toDictionary<ErrorEventInit>(init, 'ErrorEvent');
    this.#message = options.message === undefined ? '' : `${options.message}`;
    this.#filename = options.filename === undefined ? '' : `${options.filename}`;
    this.#lineno = +(options.lineno as number) >>> 0;
    this.#colno = +(options.colno as number) >>> 0;
    this.#error = options.error;
  }

  get message(): string {
    return this.#message;
  }
  get filename(): string {
    return this.#filename;
  }
  get lineno(): number {
    return this.#lineno;
  }
  get colno(): number {
    return this.#colno;
  }
  get error(): unknown {
    return this.#error;
  }
}
defineInterface(ErrorEvent, 'ErrorEvent');

export class PromiseRejectionEvent extends Event {
  readonly #promise: object;
  readonly #reason: unknown;

  constructor(type: unknown, init: unknown) {
    requireArguments(arguments.length, 2, 'PromiseRejectionEvent');
    super(type, init);
    const options = toDictionary<{ promise: unknown; reason: unknown }>(
      init,
      'PromiseRejectionEvent',
    );
    if (!isObject(options.promise))
      throw new TypeError('PromiseRejectionEvent: option "promise" is required');
    this.#promise = options.promise;
    this.#reason = options.reason;
  }

  get promise(): object {
    return this.#promise;
  }
  get reason(): unknown {
    return this.#reason;
  }
}
defineInterface(PromiseRejectionEvent, 'PromiseRejectionEvent');
