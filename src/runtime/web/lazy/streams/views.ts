// The classes of ArrayBufferView, by the name that %TypedArray% gives.
import {
  BigInt64Array,
  BigUint64Array,
  DataView,
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
} from '../../primordials.ts';

export interface ViewClass {
  readonly elementSize: number;
  make(buffer: ArrayBuffer, byteOffset: number, length: number): ArrayBufferView;
}

type Constructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

function describe(view: Constructor, elementSize: number): ViewClass {
  return { elementSize, make: (buffer, offset, length) => new view(buffer, offset, length) };
}

// Younger than the snapshot, so not among the primordials: captured here, when the
// module is loaded.
const { Float16Array } = globalObject as typeof globalThis;

const dataView = describe(DataView, 1);
const classes: Readonly<Record<string, ViewClass>> = {
  __proto__: null as never,
  BigInt64Array: describe(BigInt64Array, 8),
  BigUint64Array: describe(BigUint64Array, 8),
  Float16Array: describe(Float16Array, 2),
  Float32Array: describe(Float32Array, 4),
  Float64Array: describe(Float64Array, 8),
  Int16Array: describe(Int16Array, 2),
  Int32Array: describe(Int32Array, 4),
  Int8Array: describe(Int8Array, 1),
  Uint16Array: describe(Uint16Array, 2),
  Uint32Array: describe(Uint32Array, 4),
  Uint8Array: describe(Uint8Array, 1),
  Uint8ClampedArray: describe(Uint8ClampedArray, 1),
};

// undefined stands for a DataView.
export function viewClassOf(name: string | undefined): ViewClass {
  return name === undefined ? dataView : (classes[name] as ViewClass);
}
