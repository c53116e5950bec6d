// console.table, Console Standard §1.1.7: rows of data under columns of keys.
import {
  ArrayIsArray,
  ArrayPrototypeJoin,
  ObjectKeys,
  StringPrototypePadEnd,
  StringPrototypeRepeat,
} from '../../primordials.ts';
import { isObject } from '../../webidl.ts';
import { inspect } from './value.ts';

const kMostRows = 200;
const kValues = 'Values'; // the column for rows that are no objects

// null when `data` is no object, so not for a table.
export function table(data: unknown, only: unknown): string | null {
  if (!isObject(data)) return null;
  const rows = ObjectKeys(data);
  const columns = ['(index)'];
  const cells: Record<string, string>[] = [];
  for (let i = 0; i < rows.length && i < kMostRows; i++) {
    const name = rows[i] as string;
    const row = (data as Record<string, unknown>)[name];
    const cell: Record<string, string> = { __proto__: null as never, '(index)': name };
    if (isObject(row)) {
      const keys = ArrayIsArray(only) ? (only as string[]) : ObjectKeys(row);
      for (let j = 0; j < keys.length; j++) {
        const key = `${keys[j]}`;
        add(columns, key);
        if (key in row) cell[key] = inspect((row as Record<string, unknown>)[key]);
      }
    } else {
      cell[kValues] = inspect(row);
    }
    cells[i] = cell;
  }
  for (let i = 0; i < cells.length; i++)
    if (cells[i]?.[kValues] !== undefined) add(columns, kValues);
  return draw(columns, cells);
}

function add(columns: string[], key: string): void {
  for (let i = 0; i < columns.length; i++) if (columns[i] === key) return;
  columns[columns.length] = key;
}

function draw(columns: readonly string[], cells: readonly Record<string, string>[]): string {
  const widths: number[] = [];
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as string;
    let width = column.length;
    for (let j = 0; j < cells.length; j++) {
      const { length } = cells[j]?.[column] ?? '';
      if (length > width) width = length;
    }
    widths[i] = width + 2;
  }
  const lines = [rule('┌', '┬', '┐'), line((column) => column), rule('├', '┼', '┤')];
  for (let i = 0; i < cells.length; i++)
    lines[lines.length] = line((column) => cells[i]?.[column] ?? '');
  lines[lines.length] = rule('└', '┴', '┘');
  return ArrayPrototypeJoin(lines, '\n');

  function rule(left: string, middle: string, right: string): string {
    const parts: string[] = [];
    for (let i = 0; i < widths.length; i++)
      parts[i] = StringPrototypeRepeat('─', widths[i] as number);
    return left + ArrayPrototypeJoin(parts, middle) + right;
  }
  function line(text: (column: string) => string): string {
    const parts: string[] = [];
    for (let i = 0; i < widths.length; i++)
      parts[i] = StringPrototypePadEnd(` ${text(columns[i] as string)}`, widths[i] as number);
    return `│${ArrayPrototypeJoin(parts, '│')}│`;
  }
}
