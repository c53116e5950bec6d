// node tests/packages/try.ts [NAME …]: runs the packages that are named, or all.
import { packageNames, runPackages } from './suite.ts';

const names = process.argv.slice(2);
for (const { name, outcome, detail } of await runPackages(
  names.length > 0 ? names : packageNames(),
)) {
  console.log(`${outcome.padEnd(9)} ${name}${detail ? `\n${detail}` : ''}`);
  if (outcome === 'failed') process.exitCode = 1;
}
