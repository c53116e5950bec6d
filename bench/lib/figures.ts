// Small statistics.
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[index] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** The median of each number in records of one shape. */
export function medians<T extends { readonly [key in keyof T]: number }>(records: readonly T[]): T {
  const first = records[0];
  if (!first) throw new Error('medians of nothing');
  const keys = Object.keys(first) as (keyof T)[];
  return Object.fromEntries(
    keys.map((key) => [key, median(records.map((record) => record[key]))]),
  ) as T;
}

export const mebibytes = (bytes: number) => bytes / (1024 * 1024);
