// Tells a person how the tests go: a line for each suite as it ends, a failure
// in full at once, and the sums on the last line.
import type { Listener } from './schedule.ts';
import type { Case, Suite } from './suite.ts';

const onTerminal = process.stdout.isTTY === true;

export class Report implements Listener {
  readonly #failures: string[] = [];
  #passed = 0;
  #skipped = 0;

  /** One line that is drawn over, on a terminal only. */
  progress(text: string) {
    if (onTerminal) process.stdout.write(`\r\x1b[K${text}`);
  }

  ended(suite: Suite, cases: readonly Case[], seconds: number) {
    if (onTerminal) process.stdout.write('\r\x1b[K');
    const failures = cases.filter(({ outcome }) => outcome === 'failed');
    const skipped = cases.filter(({ outcome }) => outcome === 'skipped').length;
    const good = cases.filter(({ outcome }) => outcome === 'passed').length;
    this.#passed += good;
    this.#skipped += skipped;
    const counts = [
      good > 0 || failures.length === 0 ? `${good} passed` : '',
      failures.length > 0 ? `${failures.length} failed` : '',
      skipped > 0 ? `${skipped} skipped` : '',
    ].filter(Boolean);
    const word = failures.length > 0 ? 'FAIL' : 'ok  ';
    const sums = suite.group === 'build' ? '' : counts.join(', ');
    console.log(`${word}  ${suite.name.padEnd(24)} ${seconds.toFixed(1).padStart(6)} s  ${sums}`);
    for (const { name, outcome } of cases) {
      if (outcome === 'measured') console.log(`      ${name}`);
    }
    for (const { name, detail } of failures) {
      this.#failures.push(`${suite.name}: ${name}`);
      console.log(`\n--- ${suite.name}: ${name}\n${detail?.trimEnd()}\n`);
    }
  }

  /** Prints the sums; true when nothing failed and something ran. */
  finish(): boolean {
    if (this.#failures.length > 0) {
      console.log(`\nFailed:\n${this.#failures.map((name) => `  ${name}`).join('\n')}`);
    }
    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';
    console.log(`${this.#passed} passed, ${this.#failures.length} failed${skipped}`);
    return this.#failures.length === 0 && this.#passed > 0;
  }
}
