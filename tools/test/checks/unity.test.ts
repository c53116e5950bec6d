import { expect, test } from 'vitest';
import { unityFaults } from './unity.ts';

const source = (...lines: string[]) => ['namespace {', ...lines, '}  // namespace', ''].join('\n');
const faults = (one: string, two: string, room = 'net') =>
  unityFaults(
    new Map([
      ['src/net/a.cc', source(one)],
      [`src/${room}/b.cc`, source(two)],
    ]),
  );

test('a constant, a class and a function of two sources are named', () => {
  expect(faults('constexpr size_t kMost = 1;', 'constexpr int kMost{2};')).toEqual([
    'src/net/b.cc: kMost is a name of src/net/a.cc too, of the same room',
  ]);
  expect(faults('struct Parser {', 'class Parser final {')).toHaveLength(1);
  expect(faults('bool Is(const Head& a) {', 'Status Is(const Head& b) {')).toHaveLength(1);
});

test('what the compiler can tell from another is not', () => {
  expect(faults('bool Is(const Head& a) {', 'bool Is(const Body& a) {')).toEqual([]);
  expect(faults('constexpr size_t kMost = 1;', 'constexpr size_t kMost = 1;', 'host')).toEqual([]);
  expect(faults('  bool Is() {', 'bool Is() {')).toEqual([]);
  expect(faults('using Kind = Head::Kind;', 'using Kind = Head::Kind;')).toEqual([]);
  expect(faults('using Kind = Head::Kind;', 'using Kind = Body::Kind;')).toEqual([
    'src/net/b.cc: Kind is not Head::Kind as elsewhere in the room',
  ]);
});

test('tests are compiled with tests', () => {
  const text = source('constexpr size_t kMost = 1;');
  const files = ['src/net/a.cc', 'src/net/a_test.cc', 'src/net/b_test.cc'];
  expect(unityFaults(new Map(files.map((file) => [file, text])))).toEqual([
    'src/net/b_test.cc: kMost is a name of src/net/a_test.cc too, of the same room',
  ]);
});
