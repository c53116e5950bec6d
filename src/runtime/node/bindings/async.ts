// Bindings of what is asynchronous in Node: async_wrap, async_context_frame,
// task_queue, timers. Source: Node's documentation, "Async hooks" and
// "Asynchronous context tracking".
import facts from 'node-facts';
import { reportError } from '../../web/report.ts';
import { nativeBinding } from '../native_binding.ts';

const { constants, Providers } = facts.asyncWrap;
const fieldCount = (constants.kCheck as number) + 4;
const firstStackSize = 16;

// The ids of the resources that led to the running code, two a resource. JS pushes
// and pops itself; it calls here when the stack is full.
export function asyncWrap(): object {
  const fields = new Uint32Array(fieldCount);
  const ids = new Float64Array(4);
  const kStackLength = constants.kStackLength as number;
  const kExecutionAsyncId = constants.kExecutionAsyncId as number;
  const kTriggerAsyncId = constants.kTriggerAsyncId as number;
  ids[constants.kAsyncIdCounter as number] = 1;
  ids[constants.kDefaultTriggerAsyncId as number] = -1;
  const binding = {
    constants,
    Providers,
    async_hook_fields: fields,
    async_id_fields: ids,
    async_ids_stack: new Float64Array(firstStackSize * 2),
    execution_async_resources: [],
    setupHooks() {},
    setCallbackTrampoline() {},
    setPromiseHooks() {},
    getPromiseHooks: () => [undefined, undefined, undefined, undefined],
    registerDestroyHook() {},
    queueDestroyAsyncId() {},
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
      ids[kExecutionAsyncId] = 0;
      ids[kTriggerAsyncId] = 0;
    },
  };
  return binding;
}

export function asyncContextFrame(): object {
  const { getFrame, setFrame } = nativeBinding('async');
  return {
    getContinuationPreservedEmbedderData: getFrame,
    setContinuationPreservedEmbedderData: setFrame,
  };
}

// A tick that throws must not keep the others from running: it is reported, and
// the queue goes on.
export function taskQueue(): object {
  const { enqueueMicrotask, runMicrotasks, setTickCallback } = nativeBinding('async');
  const state: { run: () => void } = { run() {} };
  const tickInfo = setTickCallback(() => {
    do {
      try {
        state.run();
      } catch (error) {
        reportError(error);
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
