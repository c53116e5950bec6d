// A Worker of several files and npm packages as one module, the same for each peer.
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { root, scratch } from './server.ts';

const made = new Map<string, string>();

/**
 * Bundles bench/workers/NAME; the file lies in a project of its own, as there. Once: a
 * server that watches its files would start the Worker anew.
 */
export function bundled(name: string): string {
  const before = made.get(name);
  if (before) return before;
  const project = path.join(root, 'bench/workers', name);
  const folder = path.join(scratch, name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(path.join(project, 'wrangler.jsonc'), path.join(folder, 'wrangler.jsonc'));
  const outfile = path.join(folder, 'index.js');
  buildSync({
    entryPoints: [path.join(project, 'index.js')],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    external: ['node:*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  made.set(name, outfile);
  return outfile;
}
