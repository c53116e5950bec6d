// Modules of Node's library in whose place something of the platform stands, by
// id: its own classes, so that a Worker finds one URL, one AbortSignal, one
// ReadableStream wherever it looks; and what a Worker's process has not got.
import type { Realm } from './binding.ts';
import type { Loose } from './loose.ts';
import { nameOnly } from './name_only.ts';
import { abortController, eventTarget } from './replaced/events.ts';
import { perfEntry, perfHooks, perfObserve, perfUtils } from './replaced/perf_hooks.ts';
import { timers } from './replaced/timers.ts';
import { transferable } from './replaced/transferable.ts';
import { url } from './replaced/url.ts';
import {
  blob,
  compressionStreams,
  encoding,
  encodingStreams,
  file,
  queuingStrategies,
  readableStream,
  transformStream,
  writableStream,
} from './replaced/web.ts';
import { zip } from './replaced/zip.ts';

// The platform's console, with Node's class beside its methods.
function consoleModule({ require }: Realm): Loose {
  const { console } = globalObject as Loose;
  if (!('Console' in console))
    Object.defineProperty(console, 'Console', {
      get: () => require('internal/console/constructor').Console,
      configurable: true,
      enumerable: true,
    });
  return console;
}

// What one module alone finds in a module's place.
export const replacedFor: Readonly<
  Record<string, Readonly<Record<string, (realm: Realm) => Loose>>>
> = {
  // A server looks for slow clients every 30 s. One that was made in the global scope
  // has no time to do so, nor clients that are slow to it: the platform is in front.
  _http_server: {
    timers: ({ require }) => {
      const timers = require('timers');
      return {
        ...timers,
        setInterval: (...args: unknown[]) =>
          native.currentInvocation() === 0
            ? { [Symbol.toPrimitive]: () => 0, unref: () => undefined }
            : timers.setInterval(...args),
      };
    },
  },
  _tls_common: {
    'internal/tls/common': ({ require }) => {
      const { SecureContext, createSecureContext } = require('internal/tls/wrap');
      return {
        SecureContext,
        createSecureContext,
        translatePeerCertificate: (certificate: unknown) =>
          require('internal/tls/common').translatePeerCertificate(certificate),
      };
    },
  },
  // Histograms are loaded with the first of them.
  'internal/perf/timerify': {
    'internal/histogram': ({ require }) => ({
      isHistogram: (value: unknown) => require('internal/histogram').isHistogram(value),
    }),
  },
  https: { tls: (realm) => lazy('node_net').tlsOfHttps(realm) },
  tls: { 'internal/tls/common': ({ require }) => require('internal/tls/wrap') },
};

export const replaced: Readonly<Record<string, (realm: Realm) => Loose>> = {
  ...nameOnly,
  // Deprecated names of classes, which Node has dropped and Workers keeps.
  _stream_duplex: ({ require }) => require('stream').Duplex,
  _stream_passthrough: ({ require }) => require('stream').PassThrough,
  _stream_readable: ({ require }) => require('stream').Readable,
  _stream_transform: ({ require }) => require('stream').Transform,
  _stream_writable: ({ require }) => require('stream').Writable,
  console: consoleModule,
  'internal/console/global': consoleModule,
  'internal/abort_controller': abortController,
  'internal/blob': blob,
  // One crypto in an isolate.
  'internal/crypto/webcrypto': () => ({ crypto: (globalObject as Loose).crypto }),
  'internal/encoding': encoding,
  'internal/event_target': eventTarget,
  'internal/file': file,
  // The global classes; a Worker has no other HTTP client that were undici's.
  'internal/deps/undici/undici': () => {
    const { CloseEvent, MessageEvent, WebSocket } = globalObject as Loose;
    return { CloseEvent, MessageEvent, WebSocket };
  },
  'internal/perf/observe': perfObserve,
  'internal/perf/performance_entry': perfEntry,
  'internal/perf/utils': perfUtils,
  'internal/process/per_thread': ({ process }) => ({
    arch: process.arch,
    hrtime: process.hrtime,
    hrtimeBigInt: process.hrtime.bigint,
    platform: process.platform,
    ref: process.ref,
    toggleTraceCategoryState() {},
    unref: process.unref,
    version: process.version,
  }),
  'internal/process/promises': () => ({
    hasRejectionToWarn: () => false,
    listenForRejections() {},
    processPromiseRejections: () => false,
    setHasRejectionToWarn() {},
  }),
  'internal/source_map/source_map_cache': () => ({
    findSourceMap: () => undefined,
    getSourceMapsSupport: () => ({ enabled: false, nodeModules: false, generatedCode: false }),
    getSourceLine: () => undefined,
    setSourceMapsSupport() {},
  }),
  'internal/timers': timers,
  'internal/url': url,
  perf_hooks: perfHooks,
  'internal/tls/wrap': (realm) => lazy('node_net').tlsWrap(realm),
  'internal/webstreams/compression': compressionStreams,
  'internal/webstreams/encoding': encodingStreams,
  'internal/webstreams/queuingstrategies': queuingStrategies,
  'internal/webstreams/readablestream': readableStream,
  'internal/webstreams/transformstream': transformStream,
  'internal/webstreams/writablestream': writableStream,
  'internal/zip': zip,
  'internal/worker/js_transferable': transferable,
};
