// Other runtimes, as npm has them: where their programs lie, installed or not.
import { inTree } from '../test/paths.ts';

const arm = process.arch === 'arm64';

/** Comes with wrangler: `npm ci`. */
export const workerdBinary = inTree(
  `node_modules/@cloudflare/workerd-linux-${arm ? 'arm64' : '64'}/bin/workerd`,
);

/** Those below come with the benchmarks' packages: `npm ci --prefix bench`. */
export const denoBinary = inTree(
  `bench/node_modules/@deno/linux-${arm ? 'arm64' : 'x64'}-glibc/deno`,
);
export const bunBinary = inTree(
  `bench/node_modules/@oven/bun-linux-${arm ? 'aarch64' : 'x64'}/bin/bun`,
);
