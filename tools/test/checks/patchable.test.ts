import { expect, test } from 'vitest';
import { patchableFaults } from './patchable.ts';

test('bind() is named with its line', () => {
  expect(patchableFaults('src/runtime/web/a.ts', '\nconst f = g.bind(h);\n')).toEqual([
    'src/runtime/web/a.ts:2: bind() is a method that script can reach; use a closure',
  ]);
});

test('a plain list that hooks are put into is named, a bare one is not', () => {
  const file = 'src/runtime/web/lazy/service/a.ts';
  const put = 'hooks[hooks.length] = hook;\n';
  const named = [expect.stringMatching(/service\/a\.ts:1: .* the end of hooks; use bareList\(\)$/)];
  expect(patchableFaults(file, `const hooks: Hook[] = [];\n${put}`)).toEqual(named);
  expect(
    patchableFaults(file, `start({ hooks: [] });\nown.hooks[own.hooks.length] = hook;`),
  ).toEqual(named);
  expect(patchableFaults(file, `const hooks = bareList<Hook>();\n${put}`)).toEqual([]);
});

test('lists elsewhere may be plain', () => {
  const text = 'const names: string[] = [];\nnames[names.length] = name;\n';
  expect(patchableFaults('src/runtime/web/a.ts', text)).toEqual([]);
});
