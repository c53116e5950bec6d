// Results as a table for people, and as data for --json.

/** A column: its head, how many digits, and whether less is better. */
export interface Column<Key extends string> {
  readonly key: Key;
  readonly head: string;
  readonly digits: number;
  /** Shows each row's value as a multiple of Caravel's, too. */
  readonly ratio?: boolean;
}

export interface Row {
  readonly name: string;
  readonly values: Readonly<Record<string, number | undefined>>;
}

export interface Result {
  readonly bench: string;
  readonly about: string;
  readonly rows: readonly Row[];
  /** Sentences on figures that were judged: what, the bound, held or not. */
  readonly judged: readonly Judged[];
}

export interface Judged {
  readonly what: string;
  readonly held: boolean;
}

/**
 * What stands in place of a verdict where one of `names` failed at requests: an error is
 * soon made, so that its figures say nothing.
 */
export function failures(rows: readonly Row[], names: readonly string[]): Judged[] {
  return rows
    .filter(({ name, values }) => names.includes(name) && (values.failed ?? 0) > 0)
    .map(({ name, values }) => ({
      what: `no verdict: ${values.failed} requests to ${name} failed`,
      held: false,
    }));
}

const cell = (value: number | undefined, digits: number) =>
  value === undefined ? '-' : value.toFixed(digits);

export function printTable<Key extends string>(result: Result, columns: readonly Column<Key>[]) {
  const reference = result.rows.find(({ name }) => name.startsWith('caravel'));
  const heads = columns.flatMap(({ head, ratio }) => (ratio ? [head, '×'] : [head]));
  const lines = result.rows.map(({ values }) =>
    columns.flatMap(({ key, digits, ratio }) => {
      const value = values[key];
      const base = reference?.values[key];
      const shown = cell(value, digits);
      if (!ratio) return [shown];
      return [shown, value === undefined || !base ? '-' : (value / base).toFixed(2)];
    }),
  );
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...lines.map((line) => line[index]?.length ?? 0)),
  );
  const nameWidth = Math.max(...result.rows.map(({ name }) => name.length));
  const join = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(nameWidth)}  ${cells.map((text, i) => text.padStart(widths[i] ?? 0)).join('  ')}`;

  console.log(`\n${result.bench}: ${result.about}`);
  console.log(join('', heads));
  for (const [index, { name }] of result.rows.entries())
    console.log(join(name, lines[index] ?? []));
  for (const { what, held } of result.judged) console.log(`  ${held ? 'held' : 'MISSED'}: ${what}`);
}
