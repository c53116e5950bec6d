// Holds src/runtime/web/native.ts, which people read and TypeScript checks calls
// by, against what C++ binds: the addon prints its own declarations. Of each op
// the number of parameters must agree, C++ must take whatever native.ts allows,
// and the results must be the same type. What C++ converts by hand is `any`
// there and agrees with everything.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { builtProgram } from './gtest.ts';
import { inTree, mainPreset, npmProgram, root } from './paths.ts';
import { run } from './process.ts';
import { type Case, caseOfFaults, failed } from './suite.ts';

const nativeFile = inTree('src/runtime/web/native.ts');

const program = (native: string, names: readonly string[]) => `
import type { Native } from ${JSON.stringify(native)};
import type { Bound } from './bound.ts';
type Function = (...args: never) => unknown;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Verdict<N extends Function, B extends Function> =
  Same<Parameters<N>['length'], Parameters<B>['length']> extends false ? 'number of parameters'
  : [Parameters<N>] extends [Parameters<B>]
    ? Same<ReturnType<N>, ReturnType<B>> extends true ? 'fits' : 'result'
    : 'types of the parameters';
type Op<Name> = Name extends keyof Native & keyof Bound ? Verdict<Native[Name], Bound[Name]> : 'fits';
type Names<N> = [N] extends [never] ? 'fits' : N;
export const unbound: Names<Exclude<keyof Native, keyof Bound | 'scratch'>> = 'fits';
export const untold: Names<Exclude<keyof Bound, keyof Native>> = 'fits';
${names.map((name) => `export const of_${name}: Op<'${name}'> = 'fits';`).join('\n')}
`;

/** What is wrong with the text that the addon prints, against the file `native`. */
export async function nativeFaults(bound: string, native: string): Promise<string[]> {
  mkdirSync(inTree('build/test'), { recursive: true });
  const folder = mkdtempSync(inTree('build/test/native_types-'));
  const lines = new Map(
    [...bound.matchAll(/^ {2}(\w+): (.+);$/gm)].map(([, name, type]) => [name as string, type]),
  );
  const text = program(path.relative(folder, native), [...lines.keys()]);
  const project = {
    extends: path.relative(folder, inTree('src/runtime/web/tsconfig.json')),
    include: ['check.ts', path.relative(folder, inTree('src/runtime/node/facts.d.ts'))],
  };
  try {
    writeFileSync(`${folder}/bound.ts`, bound);
    writeFileSync(`${folder}/check.ts`, text);
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(project));
    const [node, tsc] = npmProgram('typescript/bin/tsc') as [string, string];
    const { code, output } = await run(node, [tsc, '-p', folder, '--pretty', 'false']);
    if (code === 0) return [];
    const faults = output
      .split('\n')
      .filter((line) => line.includes('error TS'))
      .map((line) => faultOf(line, text.split('\n'), lines));
    return faults.length > 0 ? faults : [output];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function faultOf(line: string, program: readonly string[], bound: Map<string, string | undefined>) {
  const [, at, said] =
    /check\.ts\((\d+),\d+\): .*is not assignable to type '(.+)'\.$/.exec(line) ?? [];
  const [, what] = /^export const (\w+):/.exec(program[Number(at) - 1] ?? '') ?? [];
  if (what === undefined) return line;
  if (what === 'unbound') return `native.ts has what src/runtime/ops does not bind: ${said}`;
  if (what === 'untold') return `src/runtime/ops binds what native.ts lacks: ${said}`;
  const name = what.replace('of_', '');
  return `native.ts: "${name}" differs from C++ in the ${said?.replaceAll('"', '')}: ${bound.get(name)}`;
}

export async function checkNativeTypes(): Promise<Case[]> {
  const name = 'native.ts says what C++ binds';
  const addon = builtProgram(mainPreset, 'caravel_host.node');
  const args = ['--no-node-snapshot', inTree('src/host/host.cjs'), addon, '--native-declarations'];
  const { code, output } = await run(process.execPath, args, { cwd: root });
  if (code !== 0) return [failed(name, output)];
  return [caseOfFaults(name, await nativeFaults(output, nativeFile))];
}
