// node src/runtime/web/build.mjs OUTDIR FACTS
//
// Writes OUTDIR/snapshot.js and OUTDIR/lazy/NAME.js, one for each lazy/NAME.ts,
// in the function forms that native.ts describes. FACTS is what the module
// 'node-facts' stands for (runtime/node/build.mjs makes it). Modules of this folder belong
// to the snapshot; a lazy module that imports one of them must get that very
// instance (it holds the captured builtins and the brands), not a copy. So:
//
//   1. each lazy module is bundled with such an import turned into a read of
//      `internals`, and only what it uses is kept;
//   2. the snapshot's entry fills `internals` with what step 1 found to be read, at
//      places instead of names, since names would cost each isolate a table of them.
//      The first place tells of which names: a lazy module of another build is refused.
//
// A lazy module must not import another lazy module but as a type: lazy('NAME').
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';

const folder = dirname(fileURLToPath(import.meta.url));
const lazyFolder = join(folder, 'lazy');

const [outputs, facts] = process.argv.slice(2);
if (facts === undefined) {
  console.error('usage: node build.mjs OUTDIR FACTS');
  process.exit(2);
}

const common = {
  absWorkingDir: folder,
  bundle: true,
  charset: 'utf8',
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
  minify: true,
  target: 'esnext',
  treeShaking: true,
  write: false,
};

const owners = await exportsOfSnapshotModules();
const names = (await sources(lazyFolder)).map((file) => basename(file, '.ts'));
await mkdir(join(outputs, 'lazy'), { recursive: true });
const bundles = new Map();
for (const name of names) bundles.set(name, await bundleLazy(name));
const reads = /\binternals\$\.([\w$]+)/g;
const lent = [...new Set([...bundles.values()].flatMap((code) => namesIn(code, reads)))].sort();
const namesHash = createHash('sha256').update(lent.join()).digest('hex').slice(0, 16);
for (const [name, code] of bundles) {
  const check = `if(internals[0]!=="${namesHash}")throw Error("${name}: is of another build");`;
  const placed = code.replace(reads, (_, read) => `internals[${lent.indexOf(read) + 1}]`);
  await emit(`lazy/${name}.js`, 'internals', check + placed);
}
await emit('snapshot.js', null, await bundleSnapshot());

async function sources(of) {
  const files = await readdir(of);
  return files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort();
}

// Export name → module, over the modules directly in this folder.
async function exportsOfSnapshotModules() {
  const found = new Map();
  const files = await sources(folder);
  const { metafile } = await build({
    ...common,
    bundle: false,
    entryPoints: files,
    metafile: true,
    outdir: join(folder, 'never-written'),
  });
  for (const { entryPoint, exports } of Object.values(metafile.outputs))
    for (const name of exports) {
      if (found.has(name))
        throw new Error(`"${name}" is exported by ${found.get(name)} and by ${entryPoint}`);
      found.set(name, entryPoint);
    }
  return found;
}

function importsFromSnapshot(entry) {
  return {
    name: 'imports-from-snapshot',
    setup(plugin) {
      plugin.onResolve({ filter: /^\./ }, ({ importer, kind, path, resolveDir }) => {
        if (kind === 'entry-point') return undefined;
        const file = join(resolveDir, path);
        if (dirname(file) === lazyFolder && file !== entry)
          return { errors: [{ text: `${relative(folder, importer)}: use lazy() for ${path}` }] };
        if (dirname(file) !== folder) return undefined;
        return { path: basename(file), namespace: 'snapshot', sideEffects: false };
      });
      plugin.onLoad({ filter: /.*/, namespace: 'snapshot' }, ({ path }) => {
        const lines = [...owners]
          .filter(([, owner]) => owner === path)
          .map(([name]) => `export const ${name} = /* @__PURE__ */ (() => internals$.${name})();`);
        return { contents: lines.join('\n'), loader: 'js' };
      });
    },
  };
}

// Infinity as a number that is too large: JSON has no name for it.
function literal(value) {
  const text = JSON.stringify(value, (_, item) => (item === Infinity ? '\0infinity' : item));
  return text.replaceAll('"\\u0000infinity"', '1e999');
}

// A function for each of the facts, so that a module has those that it uses, and none
// before it uses it.
function factsOfNode() {
  return {
    name: 'facts-of-node',
    setup(plugin) {
      plugin.onResolve({ filter: /^node-facts$/ }, ({ path }) => ({
        path,
        namespace: 'facts',
        sideEffects: false,
      }));
      plugin.onLoad({ filter: /.*/, namespace: 'facts' }, async () => {
        const lines = Object.entries(JSON.parse(await readFile(facts, 'utf8'))).map(
          ([name, value]) =>
            `let ${name}_;export function ${name}(){return ${name}_??=${literal(value)}}`,
        );
        return { contents: lines.join('\n'), loader: 'js' };
      });
    },
  };
}

async function bundleLazy(name) {
  const entry = join(lazyFolder, `${name}.ts`);
  const { outputFiles } = await build({
    ...common,
    entryPoints: [entry],
    // Names of Node's classes and functions are seen: in errors, by inspect().
    minify: false,
    minifyIdentifiers: !name.startsWith('node'),
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [factsOfNode(), importsFromSnapshot(entry)],
  });
  return outputFiles[0].text;
}

function namesIn(code, pattern) {
  return Array.from(code.matchAll(pattern), ([, name]) => name);
}

async function bundleSnapshot() {
  const lines = [
    `import { dispatch } from './dispatch.ts';`,
    `import { installGlobals } from './globals.ts';`,
    ...lent.map((name) => `import { ${name} } from './${owners.get(name)}';`),
    `dispatch.internals = [${[`"${namesHash}"`, ...lent].join(', ')}];`,
    'installGlobals();',
    'export default dispatch;',
  ];
  const { outputFiles } = await build({
    ...common,
    stdin: { contents: lines.join('\n'), resolveDir: folder, loader: 'js' },
  });
  return outputFiles[0].text;
}

// Turns the module's `export{a as b,…}` into the function's return value.
async function emit(file, extra, code) {
  const body = code.replace(/export\s*\{([^}]*)\};?\s*$/, (_, list) => {
    const pairs = list.split(',').map((pair) => pair.trim().split(/\s+as\s+/));
    if (pairs.length === 1 && pairs[0][1] === 'default') return `return ${pairs[0][0]};`;
    return `return{${pairs.map(([local, name = local]) => `${name}:${local}`).join(',')}};`;
  });
  if (body === code) throw new Error(`${file}: exports nothing`);
  const parameters = ['native', 'globalObject', 'lazy', ...(extra === null ? [] : [extra])];
  const text = `(function(${parameters}){"use strict";${body}})`;
  new Script(text, { filename: file }); // a syntax error ends the build here
  await writeFile(join(outputs, file), text);
}
