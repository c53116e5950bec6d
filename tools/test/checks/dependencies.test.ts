import { expect, test } from 'vitest';
import { dependencyFaults } from './dependencies.ts';

const cmake = 'find_package(fmt REQUIRED)  # libfmt-dev\n';

test('lists that agree have no fault', () => {
  expect(dependencyFaults('# a comment\ncmake\nlibclang-rt-19-dev\nlibfmt-dev\n', cmake)).toEqual(
    [],
  );
});

test('a library that is found and not installed is named with its line', () => {
  expect(dependencyFaults('cmake\n', cmake)).toEqual([
    'cmake/dependencies.cmake:1: libfmt-dev is missing in packages.txt',
  ]);
});

test('a library that is installed and never found is named', () => {
  expect(dependencyFaults('libfmt-dev\nlibpq-dev\n', cmake)).toEqual([
    'packages.txt: cmake/dependencies.cmake finds nothing of libpq-dev',
  ]);
});

test('a library without its package in a comment is named', () => {
  expect(dependencyFaults('', 'pkg_check_modules(sodium REQUIRED libsodium)')).toHaveLength(1);
});
