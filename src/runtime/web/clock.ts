// The clocks that script sees. They stand still during a turn, so that code
// cannot time itself against its neighbours (docs/architecture.md, "Isolation"):
// each reads native.now(), also through Date, performance and Temporal.

import { EventTarget } from './events.ts';
import {
  DatePrototypeToString,
  MathFloor,
  NativeDate,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ReflectConstruct,
} from './primordials.ts';
import { defineInterface, illegalConstructor, kInternal } from './webidl.ts';

function now(): number {
  return MathFloor(native.now());
}

// Date with another idea of now. The prototype stays V8's own, so that values
// made by either are of one class.
function WorkerDate(this: unknown, ..._args: unknown[]): unknown {
  if (new.target === undefined) return DatePrototypeToString(new NativeDate(now()));
  if (arguments.length === 0) return ReflectConstruct(NativeDate, [now()], new.target);
  return ReflectConstruct(NativeDate, arguments as unknown as unknown[], new.target);
}

export function installDate(target: object): void {
  const statics = ['UTC', 'parse'];
  for (let i = 0; i < statics.length; i++)
    ObjectDefineProperty(
      WorkerDate,
      statics[i] as string,
      ObjectGetOwnPropertyDescriptor(NativeDate, statics[i] as string) as PropertyDescriptor,
    );
  const clock = {
    now() {
      return MathFloor(native.now());
    },
  };
  ObjectDefineProperty(WorkerDate, 'now', { value: clock.now, writable: true, configurable: true });
  ObjectDefineProperty(WorkerDate, 'length', { value: 7, configurable: true });
  ObjectDefineProperty(WorkerDate, 'name', { value: 'Date', configurable: true });
  ObjectDefineProperty(WorkerDate, 'prototype', { value: NativeDate.prototype, writable: false });
  const hidden = { writable: true, configurable: true };
  ObjectDefineProperty(NativeDate.prototype, 'constructor', { value: WorkerDate, ...hidden });
  ObjectDefineProperty(target, 'Date', { value: WorkerDate, ...hidden });
}

// High Resolution Time §7. Without the timeline: nothing here is measured.
export class Performance extends EventTarget {
  constructor(token: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    super();
  }

  get timeOrigin(): number {
    return native.timeOrigin();
  }

  now(): number {
    return native.now() - native.timeOrigin();
  }

  toJSON(): object {
    return { timeOrigin: native.timeOrigin() };
  }
}
defineInterface(Performance, 'Performance');

export function makePerformance(): Performance {
  return new Performance(kInternal);
}
