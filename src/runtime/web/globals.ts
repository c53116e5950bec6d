// What hangs on the worker's global object, each once. An interface of a lazy
// module is a property whose value is made when it is first read.
import { AbortController, AbortSignal } from './abort.ts';
import { installClocks, makePerformance, Performance } from './clock.ts';
import { makeConsole } from './console.ts';
import { DOMException } from './dom_exception.ts';
import { base64Functions, TextDecoder, TextEncoder } from './encoding.ts';
import { Event, EventTarget } from './events.ts';
import { fetchFunctions } from './fetch.ts';
import './global_events.ts';
import { installGlobalScope } from './global_scope.ts';
import { Headers } from './headers.ts';
import { innerThen } from './inner_promises.ts';
import { installJsonMethods } from './json_methods.ts';
import type { LazyModules } from './lazy_modules.ts';
import { ObjectDefineProperty, PromiseResolve } from './primordials.ts';
import { reportError } from './report.ts';
import { Request } from './request.ts';
import { Response } from './response.ts';
import { installSortMethods } from './sort_methods.ts';
import { installTextMethods } from './text_methods.ts';
import { timerFunctions } from './timers.ts';
import { URL } from './url.ts';
import { eachEntry, requireArguments, toFunction } from './webidl.ts';

const interfaces = {
  AbortController,
  AbortSignal,
  DOMException,
  Event,
  EventTarget,
  Headers,
  Performance,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
};

// By module, the interfaces that it exports under their own names.
const lazyInterfaces: {
  readonly [Name in keyof LazyModules]?: readonly (keyof LazyModules[Name])[];
} = {
  caches: ['Cache', 'CacheStorage'],
  compression_streams: ['CompressionStream', 'DecompressionStream'],
  crypto: ['Crypto', 'SubtleCrypto'],
  encoding_streams: ['TextDecoderStream', 'TextEncoderStream'],
  event_classes: ['CustomEvent', 'ErrorEvent', 'PromiseRejectionEvent'],
  event_source: ['EventSource'],
  forms: ['Blob', 'File', 'FormData'],
  html_rewriter: ['HTMLRewriter'],
  messaging: ['MessageChannel', 'MessageEvent', 'MessagePort'],
  navigator: ['Navigator'],
  performance: [
    'PerformanceEntry',
    'PerformanceMark',
    'PerformanceMeasure',
    'PerformanceObserver',
    'PerformanceObserverEntryList',
  ],
  search_params: ['URLSearchParams'],
  streams: [
    'ByteLengthQueuingStrategy',
    'CountQueuingStrategy',
    'FixedLengthStream',
    'IdentityTransformStream',
    'ReadableByteStreamController',
    'ReadableStream',
    'ReadableStreamBYOBReader',
    'ReadableStreamBYOBRequest',
    'ReadableStreamDefaultController',
    'ReadableStreamDefaultReader',
    'TransformStream',
    'TransformStreamDefaultController',
    'WritableStream',
    'WritableStreamDefaultController',
    'WritableStreamDefaultWriter',
  ],
  service_worker_events: [
    'ExtendableEvent',
    'FetchEvent',
    'ScheduledEvent',
    'TailEvent',
    'TraceEvent',
  ],
  subtle: ['CryptoKey'],
  websocket: ['CloseEvent', 'WebSocket', 'WebSocketPair'],
  url_pattern: ['URLPattern'],
};

const functions = {
  queueMicrotask(callback: unknown): void {
    requireArguments(arguments.length, 1, 'queueMicrotask');
    const run = toFunction(callback, 'queueMicrotask: parameter 1');
    void innerThen(PromiseResolve(undefined), () => {
      try {
        run();
      } catch (error) {
        reportError(error);
      }
    });
  },
  reportError(error: unknown): void {
    requireArguments(arguments.length, 1, 'reportError');
    reportError(error);
  },
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, 'structuredClone');
    return lazy('structured_clone').structuredClone(value, options);
  },
};

export function installGlobals(): void {
  installGlobalScope();
  installClocks(globalObject);
  installTextMethods();
  installJsonMethods();
  installSortMethods();
  eachEntry(interfaces, (name, value) => defineData(name, value, false));
  eachEntry(lazyInterfaces, (module, names) => {
    for (let i = 0; i < (names as string[]).length; i++)
      native.defineLazy(
        globalObject,
        (names as string[])[i] as string,
        module as keyof LazyModules,
        false,
      );
  });
  const instances = ['caches', 'crypto', 'navigator', 'scheduler'] as const;
  for (let i = 0; i < instances.length; i++) {
    const name = instances[i] as (typeof instances)[number];
    native.defineLazy(globalObject, name, name, true);
  }
  native.defineLazy(globalObject, 'Cloudflare', 'cloudflare', true);
  const groups: object[] = [base64Functions, fetchFunctions, functions, timerFunctions];
  for (let i = 0; i < groups.length; i++)
    eachEntry(groups[i] as object, (name, value) => defineData(name, value, true));
  defineData('console', makeConsole(), false);
  defineData('performance', makePerformance(), true);
  defineData('self', globalObject, true);
  // HTML §8.1.4: opaque, and so its serialization is this. [Replaceable].
  defineData('origin', 'null', true);
}

function defineData(name: string, value: unknown, enumerable: boolean): void {
  ObjectDefineProperty(globalObject, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable,
    configurable: true,
  } as never);
}
