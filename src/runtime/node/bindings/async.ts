// Bindings of what is asynchronous in Node: async_wrap, async_context_frame,
// task_queue, timers. Source: Node's documentation, "Async hooks" and
// "Asynchronous context tracking".
import * as facts from 'node-facts';
import { ReflectApply } from '../../web/primordials.ts';
import { logException, reportError } from '../../web/report.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { nativeBinding } from '../native_binding.ts';
import { setGuardedHooks } from './promise_hooks.ts';

const { constants, Providers } = facts.asyncWrap();
const fieldCount = (constants.kCheck as number) + 4;
const firstStackSize = 16;

// The ids of the resources that led to the running code, two a resource. JS pushes
// and pops itself; it calls here when the stack is full.
export function asyncWrap({ require }: Realm): object {
  const { enqueueMicrotask } = nativeBinding('async');
  const fields = new Uint32Array(fieldCount);
  const ids = new Float64Array(4);
  const kStackLength = constants.kStackLength as number;
  const kExecutionAsyncId = constants.kExecutionAsyncId as number;
  const kTriggerAsyncId = constants.kTriggerAsyncId as number;
  // What nothing led to runs in resource 1, as Node's main script does.
  ids[constants.kAsyncIdCounter as number] = 1;
  ids[kExecutionAsyncId] = 1;
  ids[constants.kDefaultTriggerAsyncId as number] = -1;
  // Resources that have ended, whose hooks are told when the running code has.
  let ended: number[] = [];
  function tellEnded(): void {
    const all = ended;
    ended = [];
    const { destroy } = require('internal/async_hooks').nativeHooks;
    for (let i = 0; i < all.length; i++) {
      try {
        destroy(all[i]);
      } catch (error) {
        report(error);
      }
    }
  }
  let promiseHooks: Loose[] = [undefined, undefined, undefined, undefined];
  const binding = {
    constants,
    Providers,
    async_hook_fields: fields,
    async_id_fields: ids,
    async_ids_stack: new Float64Array(firstStackSize * 2),
    execution_async_resources: [],
    setupHooks() {},
    setCallbackTrampoline() {},
    setPromiseHooks(init: Loose, before: Loose, after: Loose, settled: Loose) {
      promiseHooks = [init, before, after, settled];
      setGuardedHooks(init, before, after, settled, report);
    },
    getPromiseHooks: () => [...promiseHooks],
    registerDestroyHook() {},
    queueDestroyAsyncId(asyncId: number) {
      if (ended.length === 0) enqueueMicrotask(tellEnded);
      ended[ended.length] = asyncId;
    },
    executionAsyncResource: () => undefined,
    pushAsyncContext(asyncId: number, triggerAsyncId: number) {
      const at = 2 * (fields[kStackLength] as number);
      if (at >= binding.async_ids_stack.length) {
        const larger = new Float64Array(2 * binding.async_ids_stack.length);
        larger.set(binding.async_ids_stack);
        binding.async_ids_stack = larger;
      }
      binding.async_ids_stack[at] = ids[kExecutionAsyncId] as number;
      binding.async_ids_stack[at + 1] = ids[kTriggerAsyncId] as number;
      fields[kStackLength] = at / 2 + 1;
      ids[kExecutionAsyncId] = asyncId;
      ids[kTriggerAsyncId] = triggerAsyncId;
    },
    popAsyncContext(): boolean {
      const length = fields[kStackLength] as number;
      if (length === 0) return false;
      ids[kExecutionAsyncId] = binding.async_ids_stack[2 * (length - 1)] as number;
      ids[kTriggerAsyncId] = binding.async_ids_stack[2 * (length - 1) + 1] as number;
      fields[kStackLength] = length - 1;
      return length > 1;
    },
    clearAsyncIdStack() {
      fields[kStackLength] = 0;
      ids[kExecutionAsyncId] = 1;
      ids[kTriggerAsyncId] = 0;
    },
  };
  return binding;
}

/** The number of the invocation, and with it the frame of Node's where there is one. */
type ContinuationData =
  | number
  | undefined
  | readonly [invocation: number | undefined, frame: object];

// Where a storage is read or set, V8's compiler makes a load or a store of this.
export function asyncContextFrame(): object {
  const {
    getContinuationPreservedEmbedderData: get,
    setContinuationPreservedEmbedderData: set,
  }: {
    getContinuationPreservedEmbedderData: () => ContinuationData;
    setContinuationPreservedEmbedderData: (data: ContinuationData) => void;
  } = nativeBinding('async').continuationData();
  return {
    getContinuationPreservedEmbedderData() {
      const data = get();
      return typeof data === 'object' ? data[1] : undefined;
    },
    setContinuationPreservedEmbedderData(frame: object | undefined) {
      const data = get();
      const invocation = typeof data === 'object' ? data[0] : data;
      set(frame === undefined ? invocation : [invocation, frame]);
    },
  };
}

// A tick that throws must not keep the others from running: it is reported, and
// the queue goes on.
export function taskQueue(): object {
  const { enqueueMicrotask, runMicrotasks, setTickCallback, words } = nativeBinding('async');
  const state: { run: () => void } = { run() {} };
  const tickInfo: Uint8Array = words();
  setTickCallback(() => {
    do {
      try {
        state.run();
      } catch (error) {
        report(error);
      }
    } while (tickInfo[0] !== 0);
  });
  return {
    tickInfo,
    runMicrotasks,
    enqueueMicrotask,
    setTickCallback(run: () => void) {
      state.run = run;
    },
    setPromiseRejectCallback() {},
    promiseRejectEvents: {
      kPromiseRejectWithNoHandler: 0,
      kPromiseHandlerAddedAfterReject: 1,
      kPromiseResolveAfterResolved: 2,
      kPromiseRejectAfterResolved: 3,
    },
  };
}

// What listeners of script throw when they are told of an exception is logged.
function report(error: unknown): void {
  try {
    reportError(error);
  } catch (another) {
    logException(another);
  }
}

// Node's nextTick(), whose ticks run as what they were asked for by: the queue is one
// for all invocations of the isolate.
export function nextTickOf(nextTick: Loose, require: (id: string) => Loose): Loose {
  const { enterInvocation } = nativeBinding('async');
  function run(invocation: number, callback: Loose, args: unknown[]): void {
    enterInvocation(invocation);
    ReflectApply(callback, undefined, args);
  }
  return {
    nextTick(callback: unknown, ...args: unknown[]) {
      require('internal/validators').validateFunction(callback, 'callback');
      nextTick(run, native.currentInvocation(), callback, args);
    },
  }.nextTick;
}
