// Every command of wrangler that an ordinary project needs, at three releases of it,
// unmodified: what succeeds, and what is said of what cannot. Prints the matrix.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Platform, temporaryFolder } from '../../../tools/platform/platform.ts';
import { Recorder } from '../../../tools/platform/recorder.ts';
import { type Case, caseOfFaults, failed, passed } from '../../../tools/test/suite.ts';
import { apiTable, tableFaults } from './api_table.ts';
import { ApiPaths, checkNotBuilt, pathsKnownTo } from './paths.ts';
import { commands, install, type Release, releases, renamed } from './releases.ts';
import { type Bench, type Finding, type Run, Trial } from './trial.ts';
import { subjects } from './trials/subjects.ts';

/** So many at once: wrangler has one core busy. */
const width = 2;

async function tryAll(bench: Bench, names: readonly string[]): Promise<Finding[]> {
  const queue = Object.entries(subjects)
    .filter(([name]) => names.length === 0 || names.includes(name))
    .flatMap(([name, run]) => releases.map((release) => ({ name, run, release })));
  const findings: Finding[] = [];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const trial = new Trial(next.release, bench);
      try {
        await next.run(trial);
      } catch (error) {
        throw new Error(`${next.name} at ${next.release.version}`, { cause: error });
      } finally {
        trial.end();
      }
      findings.push(...trial.findings);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return findings;
}

const caseOfFinding = ({ release, command, about, fault }: Finding): Case => {
  const name = `${release.version} ${command}: ${about}`;
  return fault === undefined ? passed(name) : failed(name, fault);
};

function cell(findings: readonly Finding[], command: string, release: Release): string {
  if (release.lacks.includes(command)) return '-';
  const of = findings.filter((each) => each.command === command && each.release === release);
  return `${of.filter(({ fault }) => fault === undefined).length} of ${of.length}`;
}

/** A line for each command, a column for each release. */
function matrix(findings: readonly Finding[]): string[] {
  const row = (head: string, cells: readonly string[]) =>
    `${head.padEnd(24)}${cells.map((text) => text.padStart(10)).join('')}`;
  const good = findings.filter(({ fault }) => fault === undefined).length;
  return [
    row(
      'wrangler',
      releases.map(({ version }) => version),
    ),
    ...commands.map((command) =>
      row(
        command,
        releases.map((release) => cell(findings, command, release)),
      ),
    ),
    `${good} of ${findings.length} checks pass`,
  ];
}

/** Each command is seen to succeed and to refuse, at each release that has it. */
function gaps(findings: readonly Finding[]): string[] {
  return releases.flatMap((release) =>
    commands
      .filter((command) => !release.lacks.includes(command))
      .flatMap((command) =>
        (['does', 'refuses'] as const)
          .filter((kind) => kind === 'refuses' || !renamed.includes(command))
          .filter(
            (kind) =>
              !findings.some(
                (each) =>
                  each.release === release && each.command === command && each.kind === kind,
              ),
          )
          .map((kind) => `${release.version} ${command}: nothing that it ${kind}`),
      ),
  );
}

/** Each path that a release knows is built, or says that it is not. */
async function unbuiltPaths(platform: Platform, paths: ApiPaths): Promise<Case[]> {
  const known = new Set(releases.flatMap(pathsKnownTo));
  const unbuilt = [...known]
    .map((template) =>
      template.replaceAll('*', 'x').replace('/accounts/x', `/accounts/${platform.account}`),
    )
    .filter((asked) => paths.templateOf(asked) === undefined);
  const faults: string[] = [];
  for (const asked of unbuilt) {
    await checkNotBuilt(platform, asked).catch((error) =>
      faults.push(`${asked}: ${error.message}`),
    );
  }
  return [
    caseOfFaults('each path that wrangler knows is built, or names its product', faults),
    {
      name: `${known.size} paths known to wrangler, ${known.size - unbuilt.length} of them built`,
      outcome: 'measured',
    },
  ];
}

/** What can be said when all subjects have been tried. */
async function casesOfAll(
  platform: Platform,
  recorder: Recorder<Run>,
  findings: readonly Finding[],
): Promise<Case[]> {
  const paths = await ApiPaths.of(platform);
  const table = apiTable(recorder.calls, paths);
  return [
    caseOfFaults('each command is tried at each release that has it', gaps(findings)),
    caseOfFaults('docs/compatibility.md lists the calls that wrangler makes', tableFaults(table)),
    ...(await unbuiltPaths(platform, paths)),
  ];
}

/** `names` choose among the subjects; all of them where there are none. */
export async function runWrangler(names: readonly string[] = []): Promise<Case[]> {
  const trouble = await install();
  if (trouble) return [failed('npm ci in tests/e2e/wrangler', trouble)];
  const platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
  const recorder = await Recorder.start<Run>(platform.api);
  const home = temporaryFolder();
  try {
    const environment = {
      ...(await platform.wranglerEnvironment()),
      XDG_CONFIG_HOME: path.join(home, 'config'),
      npm_config_registry: 'http://127.0.0.1:1/', // it would look for a newer release
    };
    const findings = await tryAll({ platform, recorder, environment }, names);
    const whole = names.length > 0 ? [] : await casesOfAll(platform, recorder, findings);
    return [
      ...findings.map(caseOfFinding),
      ...whole,
      ...matrix(findings).map((name): Case => ({ name, outcome: 'measured' })),
    ];
  } finally {
    recorder.stop();
    await platform.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
