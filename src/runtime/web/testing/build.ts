// Builds the files under test once, before all test files (vitest globalSetup).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    webOutputs: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'caravel-web-'));
  const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const node = join(folder, 'node');
  run('--expose-internals', '--no-warnings', script('../../node/build.mjs'), node);
  run(script('../build.mjs'), folder, join(node, 'facts.json'));
  project.provide('webOutputs', folder);
  return () => rmSync(folder, { recursive: true });
}
