// The events of service workers: Service Workers §4.4 and §4.6, and those that Workers
// adds. A Worker that is a script listens to them on the global object; one of modules,
// whose handlers get arguments, sees only the interfaces.
// Source: Workers documentation, "Migrate from Service Workers to ES Modules"; what a
// handler's exception and a missing answer come to is as in workerd.
import { DOMException } from '../dom_exception.ts';
import { dispatchTo, Event, globalTarget } from '../events.ts';
import { fetchFunctions } from '../fetch.ts';
import type { ExecutionContext } from '../invocation.ts';
import { ObjectDefineProperty, PromiseResolve, TypeError } from '../primordials.ts';
import { responseStateOf } from '../response.ts';
import { defineInterface, illegalConstructor, isObject, kInternal } from '../webidl.ts';

let contextOf: (event: unknown) => ExecutionContext;

export class ExtendableEvent extends Event {
  readonly #context: ExecutionContext;

  static {
    contextOf = (event) => {
      if (!isObject(event) || !(#context in event)) throw new TypeError('Illegal invocation');
      return event.#context;
    };
  }

  constructor(token: unknown = undefined, type: string = '', context: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    super(type);
    this.#context = context as ExecutionContext;
  }

  waitUntil(promise: unknown): void {
    contextOf(this).waitUntil(promise);
  }
}
defineInterface(ExtendableEvent, 'ExtendableEvent');

let answerOf: (event: FetchEvent) => unknown;

// What respondWith() was not called with.
const kNothing = {};

export class FetchEvent extends ExtendableEvent {
  #answer: unknown = kNothing;
  #over = false;

  static {
    answerOf = (event) => {
      event.#over = true;
      return event.#answer;
    };
  }

  constructor(
    token: unknown = undefined,
    request: unknown = undefined,
    context: unknown = undefined,
  ) {
    super(token, 'fetch', context);
    ObjectDefineProperty(this, 'request', { value: request, enumerable: true });
  }

  respondWith(answer: unknown): void {
    if (!(#answer in this)) throw new TypeError('Illegal invocation');
    if (this.#answer !== kNothing)
      throw new DOMException(
        'FetchEvent.respondWith() has already been called; it can only be called once.',
        'InvalidStateError',
      );
    if (this.#over)
      throw new DOMException(
        'Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.',
        'InvalidStateError',
      );
    this.#answer = responseStateOf(answer) === null ? PromiseResolve(answer) : answer;
    this.stopImmediatePropagation();
  }

  passThroughOnException(): void {
    contextOf(this).passThroughOnException();
  }
}
defineInterface(FetchEvent, 'FetchEvent');

export class ScheduledEvent extends ExtendableEvent {
  constructor(
    token: unknown = undefined,
    cron: string = '',
    scheduledTime: number = 0,
    context: unknown = undefined,
  ) {
    super(token, 'scheduled', context);
    ObjectDefineProperty(this, 'cron', { value: cron, enumerable: true });
    ObjectDefineProperty(this, 'scheduledTime', { value: scheduledTime, enumerable: true });
  }

  // No event is dispatched twice, so there is nothing to be done.
  noRetry(): void {
    contextOf(this);
  }
}
defineInterface(ScheduledEvent, 'ScheduledEvent');

export class TailEvent extends ExtendableEvent {}
defineInterface(TailEvent, 'TailEvent');

export { TailEvent as TraceEvent }; // its name before

// Throws what a listener has thrown first.
function fire(event: ExtendableEvent): void {
  let thrown: { readonly error: unknown } | null = null;
  dispatchTo(globalTarget.list, globalObject, event, true, (error) => {
    thrown ??= { error };
  });
  if (thrown !== null) throw (thrown as { readonly error: unknown }).error;
}

export function callScheduled(cron: string, time: number, context: ExecutionContext): void {
  if (!globalTarget.list.has('scheduled'))
    throw new TypeError('No event listener for "scheduled" was registered');
  fire(new ScheduledEvent(kInternal, cron, time, context));
}

// Throws what a listener has thrown. Where none answers, the request goes on to the
// origin.
export function callFetch(request: object, context: ExecutionContext): unknown {
  const event = new FetchEvent(kInternal, request, context);
  fire(event);
  const answer = answerOf(event);
  return answer === kNothing ? fetchFunctions.fetch(request) : answer;
}
