// The table in docs/compatibility.md of the calls that wrangler's commands make, written
// from what was seen on the wire.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Call } from '../../../tools/platform/recorder.ts';
import { inTree } from '../../../tools/test/paths.ts';
import type { ApiPaths } from './paths.ts';
import { commands, releases } from './releases.ts';
import type { Run } from './trial.ts';

const file = inTree('docs/compatibility.md');
const marks = ['<!-- wrangler calls -->\n', '<!-- /wrangler calls -->\n'] as const;

interface Row {
  readonly method: string;
  readonly path: string;
  readonly answered: string;
  readonly commands: Set<string>;
  readonly releases: Set<string>;
}

/** A path that the API does not have, with a placeholder for each id and name. */
const unknownTemplate = (path: string) =>
  path
    .replace(/^\/accounts\/[^/]+/, '/accounts/{account_id}')
    .replace(/(?<=\/)[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}')
    .replace(/(?<=\/)[^/]+-r[0-9]+\b/g, '{name}');

/** What an unbuilt path says of itself: "R2: not built in Caravel yet (GET …)". */
const productIn = (message = '') => /^(.*?): not built in Caravel yet/.exec(message)?.[1];

function answerTo(call: Call<Run>, isBuilt: boolean): string {
  if (isBuilt) return 'built';
  const product = productIn(call.error?.message);
  return product ? `${call.error?.code}, ${product}` : `${call.error?.code}`;
}

export function apiTable(calls: readonly Call<Run>[], paths: ApiPaths): string {
  const rows = new Map<string, Row>();
  for (const call of calls) {
    const template = paths.templateOf(call.path);
    const path = template ?? unknownTemplate(call.path);
    const key = `${path} ${call.method}`;
    let row = rows.get(key);
    if (!row) {
      const answered = answerTo(call, template !== undefined && paths.has(call.method, template));
      const { method } = call;
      row = { method, path, answered, commands: new Set(), releases: new Set() };
      rows.set(key, row);
    }
    row.commands.add(call.caller.command);
    row.releases.add(call.caller.release.version);
  }
  const versions = releases.map(({ version }) => version);
  const lines = [...rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => {
      const asking = commands.filter((command) => row.commands.has(command)).join(', ');
      const at = versions.map((version) => (row.releases.has(version) ? '×' : ''));
      return `| ${row.method} | \`${row.path}\` | ${asking} | ${at.join(' | ')} | ${row.answered} |`;
    });
  return [
    `| method | path | asked by | ${versions.join(' | ')} | answered |`,
    `|---|---|---|${versions.map(() => '---|').join('')}---|`,
    ...lines,
    '',
  ].join('\n');
}

/** Faults of the table in the documentation; with CARAVEL_UPDATE_DOCS it is written anew. */
export function tableFaults(table: string): string[] {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
  if (begin < marks[0].length || end < begin) return [`${file} has no place for the calls`];
  const written = text.slice(begin, end);
  if (process.env.CARAVEL_UPDATE_DOCS !== undefined) {
    writeFileSync(file, text.slice(0, begin) + table + text.slice(end));
    return [];
  }
  const [before, now] = [new Set(written.split('\n')), new Set(table.split('\n'))];
  const faults = [
    ...[...now].filter((line) => !before.has(line)).map((line) => `is missing: ${line}`),
    ...[...before].filter((line) => !now.has(line)).map((line) => `was not seen: ${line}`),
  ];
  if (faults.length > 0) {
    faults.push('CARAVEL_UPDATE_DOCS=1 ./caravel test wrangler.e2e brings it up to date');
  }
  return faults;
}
