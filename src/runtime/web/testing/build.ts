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
  const script = fileURLToPath(new URL('../build.mjs', import.meta.url));
  execFileSync(process.execPath, [script, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  project.provide('webOutputs', folder);
  return () => rmSync(folder, { recursive: true });
}
