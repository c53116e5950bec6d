// Runs suites on two cores: builds one after the other, each with all of ninja's
// workers, and beside them the suites whose build stands, one at a time; two at
// a time when nothing is left to build. A suite that must be alone comes last.
import { build } from './build.ts';
import { type Case, emptiness, failed, type Need, type Suite } from './suite.ts';

export interface Listener {
  progress(text: string): void;
  ended(suite: Suite, cases: readonly Case[], seconds: number): void;
}

/** The needs of `suites`, one a preset, in order of first appearance. */
function needsOf(suites: readonly Suite[]): Need[] {
  const targets = new Map<string, Set<string>>();
  for (const { need } of suites) {
    if (!need) continue;
    const wanted = targets.get(need.preset) ?? new Set();
    for (const target of need.targets) wanted.add(target);
    targets.set(need.preset, wanted);
  }
  return [...targets].map(([preset, wanted]) => ({ preset, targets: [...wanted] }));
}

export async function runSuites(suites: readonly Suite[], all: boolean, listener: Listener) {
  const waiting = [...suites];
  const built = new Map<string, Case | 'stands'>();
  let building = true;
  let running = 0;
  const { promise, resolve } = Promise.withResolvers<void>();

  const isReady = (suite: Suite) => !suite.need || built.has(suite.need.preset);

  const runOne = async (suite: Suite) => {
    const started = performance.now();
    const missing = suite.need && built.get(suite.need.preset);
    let cases: Case[];
    if (missing && missing !== 'stands') {
      cases = [failed(suite.name, `not run: ${missing.name} failed`)];
    } else {
      try {
        cases = await suite.run({ all });
        const nothing = emptiness(suite.name, cases);
        if (nothing) cases = [...cases, nothing];
      } catch (error) {
        cases = [failed(suite.name, error instanceof Error ? `${error.stack}` : `${error}`)];
      }
    }
    listener.ended(suite, cases, (performance.now() - started) / 1000);
  };

  const startWhatCanRun = () => {
    while (running < (building ? 1 : 2)) {
      let index = waiting.findIndex((suite) => isReady(suite) && !suite.alone);
      if (index < 0 && !building && running === 0) index = waiting.findIndex(isReady);
      const [suite] = index < 0 ? [] : waiting.splice(index, 1);
      if (!suite) break;
      running++;
      runOne(suite).then(() => {
        running--;
        startWhatCanRun();
      });
      if (suite.alone) break;
    }
    if (waiting.length === 0 && running === 0 && !building) resolve();
  };

  startWhatCanRun();
  for (const need of needsOf(suites)) {
    const started = performance.now();
    const failure = await build(need, listener.progress);
    built.set(need.preset, failure ?? 'stands');
    const suite: Suite = { name: `build ${need.preset}`, group: 'build', run: async () => [] };
    listener.ended(suite, failure ? [failure] : [], (performance.now() - started) / 1000);
    startWhatCanRun();
  }
  building = false;
  startWhatCanRun();
  await promise;
}
