import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { nativeFaults } from './native_types.ts';
import { inTree } from './paths.ts';

mkdirSync(inTree('build/test'), { recursive: true });
const folder = mkdtempSync(inTree('build/test/native_types_test-'));
const native = `${folder}/native.ts`;
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(
  native,
  `export interface NativeClock { read(precise: boolean): number; }
  export interface Native {
    double(value: 1 | 2): number;
    find(name: string, base: string | undefined): string | null;
    clock(): NativeClock;
    readonly scratch: Uint32Array;
  }`,
);

const double = '  double: (a0: number) => number;\n';
const find = '  find: (a0: string, a1: string | null | undefined) => any;\n';
const clock = '  clock: () => Clock;\n';
const bound = (members: string, read = '(a0: boolean) => number') =>
  `interface Clock {\n  read: ${read};\n}\nexport interface Bound {\n${members}}\n`;

test('ops that agree have no fault', async () => {
  expect(await nativeFaults(bound(double + find + clock), native)).toEqual([]);
});

test('an op that only one side knows is named', async () => {
  expect(await nativeFaults(bound(`${double + clock}  digestNew: () => void;\n`), native)).toEqual([
    'native.ts has what src/runtime/ops does not bind: "find"',
    'src/runtime/ops binds what native.ts lacks: "digestNew"',
  ]);
});

test.each([
  [
    `  double: () => number;\n${find}${clock}`,
    '"double" differs from C++ in the number of parameters: () => number',
  ],
  [
    `  double: (a0: string) => number;\n${find}${clock}`,
    '"double" differs from C++ in the types of the parameters: (a0: string) => number',
  ],
  [
    `  double: (a0: number) => number | null;\n${find}${clock}`,
    '"double" differs from C++ in the result: (a0: number) => number | null',
  ],
  [
    `${double}  find: (a0: string, a1: string) => any;\n${clock}`,
    '"find" differs from C++ in the types of the parameters: (a0: string, a1: string) => any',
  ],
])('an op that differs is named with what differs', async (members, fault) => {
  expect(await nativeFaults(bound(members), native)).toEqual([`native.ts: ${fault}`]);
});

test('a class that differs is a result that differs', async () => {
  expect(await nativeFaults(bound(double + find + clock, '() => number'), native)).toEqual([
    'native.ts: "clock" differs from C++ in the result: () => Clock',
  ]);
});
