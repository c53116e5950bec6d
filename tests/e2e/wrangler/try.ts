// For who works on the suite: `node tests/e2e/wrangler/try.ts [SUBJECT …]` runs the
// named subjects alone (trials/subjects.ts), with what went wrong in full.
import { Report } from '../../../tools/test/report.ts';
import { runWrangler } from './suite.ts';

const report = new Report();
const started = performance.now();
const cases = await runWrangler(process.argv.slice(2));
const suite = { name: 'wrangler.e2e', group: 'e2e', run: async () => [] };
report.ended(suite, cases, (performance.now() - started) / 1000);
process.exit(report.finish() ? 0 : 1);
