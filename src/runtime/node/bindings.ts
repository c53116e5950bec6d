// Node's internal bindings, by name: what Node's library finds where Node has
// C++. Each is made when it is first asked for. One that is not here is not
// built: the module that asks for it cannot be loaded.
import * as facts from 'node-facts';
import type { Realm } from './binding.ts';
import { asyncContextFrame, asyncWrap, taskQueue } from './bindings/async.ts';
import {
  config,
  credentials,
  diagnosticsChannel,
  errors,
  os,
  startupSnapshot,
  traceEvents,
  uv,
} from './bindings/system.ts';
import { buffer, encodingBinding, stringDecoder, transcode } from './bindings/text.ts';
import { urlBinding } from './bindings/url.ts';
import { util } from './bindings/util.ts';
import type { Loose } from './loose.ts';
import { nativeBinding } from './native_binding.ts';
import { platformClasses } from './platform_classes.ts';
import { symbols } from './symbols.ts';

// A copy without prototypes, as Node has it, whose values cannot be written. V8 makes
// such objects dictionaries, to which a property is added without a new shape.
function readOnly(constants: Loose): Loose {
  const copy = Object.create(null);
  for (const key of Object.keys(constants)) {
    const value = constants[key];
    if (typeof value === 'object' && value !== null) copy[key] = readOnly(value);
    else Object.defineProperty(copy, key, { value, enumerable: true });
  }
  return copy;
}

// Those of node:fs, node:net, node:crypto and node:zlib are lazy modules of their own.
function files(name: string, realm: Realm): object {
  return (lazy('node_files').bindings[name] as (realm: Realm) => object)(realm);
}

// And those of node:dns, and of addresses.
function names(name: string): (realm: Realm) => object {
  return (realm) => (lazy('node_dns').bindings[name] as (realm: Realm) => object)(realm);
}

function net(name: string): (realm: Realm) => object {
  return (realm) => (lazy('node_net').bindings[name] as (realm: Realm) => object)(realm);
}

export const bindings: Readonly<Record<string, (realm: Realm) => object>> = {
  async_context_frame: asyncContextFrame,
  async_wrap: asyncWrap,
  block_list: names('block_list'),
  buffer,
  builtins: () => ({
    natives: {},
    builtinIds: native.nodeModules(),
    hasCachedBuiltins: () => true,
  }),
  cares_wrap: names('cares_wrap'),
  config,
  constants: () => readOnly(facts.constants()),
  credentials,
  crypto: (realm) => lazy('node_crypto').crypto(realm),
  diagnostics_channel: diagnosticsChannel,
  encoding_binding: encodingBinding,
  errors,
  fs: (realm) => files('fs', realm),
  fs_dir: (realm) => files('fs_dir', realm),
  fs_event_wrap: (realm) => files('fs_event_wrap', realm),
  http_parser: net('http_parser'),
  icu: (realm) => ({
    icuErrName: (code: number) => (code === 1 ? 'U_ILLEGAL_ARGUMENT_ERROR' : `U_ERROR_${code}`),
    getStringWidth: (text: string) => text.length,
    hasConverter: () => false,
    transcode: transcode(realm),
  }),
  messaging: () => ({
    get DOMException() {
      return platformClasses.DOMException;
    },
    structuredClone: (value: unknown, options: unknown) =>
      lazy('structured_clone').structuredClone(value, options),
    setDeserializerCreateObjectFunction() {},
  }),
  mksnapshot: startupSnapshot,
  js_stream: net('js_stream'),
  module_wrap: () => ({
    ModuleWrap: class {},
    kUninstantiated: 0,
    kInstantiating: 1,
    kInstantiated: 2,
    kEvaluating: 3,
    kEvaluated: 4,
    kErrored: 5,
    kSourcePhase: 1,
    kEvaluationPhase: 2,
  }),
  options: () => ({
    // A connection is opened by another process, which tries the addresses of a name itself.
    getCLIOptionsValues: () => ({
      ...facts.options(),
      '--network-family-autoselection-attempt-timeout': 5000,
    }),
    getEmbedderOptions: () => ({}),
  }),
  os,
  string_decoder: stringDecoder,
  pipe_wrap: net('pipe_wrap'),
  performance: (realm) => lazy('node_histograms').performance(realm),
  // Of them Node's library asks for the buffer alone; the methods are those of process.ts.
  process_methods: () => ({ hrtimeBuffer: new Uint32Array(3) }),
  permission: () => ({ has: () => true }),
  stream_wrap: net('stream_wrap'),
  symbols: () => symbols,
  task_queue: taskQueue,
  tcp_wrap: net('tcp_wrap'),
  timers: () => ({
    immediateInfo: new Uint32Array(3),
    timeoutInfo: new Int32Array(1),
    getLibuvNow: () => Math.trunc(native.now() - native.timeOrigin()),
    scheduleTimer() {},
    setupTimers() {},
    toggleImmediateRef() {},
    toggleTimerRef() {},
  }),
  trace_events: traceEvents,
  types: () => nativeBinding('types'),
  url: urlBinding,
  url_pattern: () => ({
    get URLPattern() {
      return lazy('url_pattern').URLPattern;
    },
  }),
  util,
  uv,
  zlib: (realm) => lazy('node_zlib').zlib(realm),
};
