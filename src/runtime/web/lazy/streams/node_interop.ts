// What Node's library asks of streams of the platform by symbols: for stream.finished(),
// pipeline(), compose(), addAbortSignal(), Readable.isDisturbed() and util.inspect().
import { ObjectDefineProperty, SymbolFor } from '../../primordials.ts';
import { illegalReceiver, nodeCompat } from '../../webidl.ts';
import { showFields } from '../node_compat/inspected.ts';
import type { DefaultController } from './default_controller.ts';
import type { ReadableState } from './readable_state.ts';
import { ReadableStream, readableStateOf } from './readable_stream.ts';
import { TransformStream } from './transform_stream.ts';
import type { WritableState } from './writable_state.ts';
import { WritableStream, writableStateOf } from './writable_stream.ts';

const readableOf = (self: unknown): ReadableState =>
  readableStateOf(self) ?? illegalReceiver('ReadableStream');
const writableOf = (self: unknown): WritableState =>
  writableStateOf(self) ?? illegalReceiver('WritableStream');

function defineGetter<T>(
  target: { readonly prototype: object },
  symbol: string,
  stateOf: (self: unknown) => T,
  get: (state: T) => unknown,
): void {
  ObjectDefineProperty(target.prototype, SymbolFor(`nodejs.${symbol}`), {
    get(this: unknown) {
      return get(stateOf(this));
    },
    configurable: true,
  });
}

export function offerToNode(): void {
  if (!nodeCompat.given) return;
  const errors = 'webstream.controllerErrorFunction';
  const closed = 'webstream.isClosedPromise';
  defineGetter(ReadableStream, closed, readableOf, ({ ended: { promise } }) => ({ promise }));
  defineGetter(ReadableStream, errors, readableOf, ({ controller }) => (reason: unknown) => {
    if (controller.kind === 'default') (controller as DefaultController).error(reason);
  });
  defineGetter(ReadableStream, 'stream.disturbed', readableOf, (state) => state.disturbed);
  defineGetter(ReadableStream, 'stream.errored', readableOf, (at) => at.state === 'errored');
  defineGetter(ReadableStream, 'stream.readable', readableOf, (at) => at.state === 'readable');
  defineGetter(WritableStream, closed, writableOf, ({ ended: { promise } }) => ({ promise }));
  defineGetter(WritableStream, errors, writableOf, ({ controller }) => (reason: unknown) => {
    controller.errorIfNeeded(reason);
  });
  defineGetter(WritableStream, 'stream.errored', writableOf, (at) => at.state === 'errored');
  defineGetter(WritableStream, 'stream.writable', writableOf, (at) => at.state === 'writable');
  showFields(ReadableStream, 'ReadableStream', (self) => {
    const { controller, locked, state } = readableOf(self);
    return { locked, state, supportsBYOB: controller.kind === 'bytes' };
  });
  showFields(WritableStream, 'WritableStream', (self) => {
    const { locked, state } = writableOf(self);
    return { locked, state };
  });
  showFields(TransformStream, 'TransformStream', (self: TransformStream) => {
    const { readable, writable } = self;
    return { readable, writable };
  });
}
