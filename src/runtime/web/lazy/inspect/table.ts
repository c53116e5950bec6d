// console.table, Console Standard §1.1.7: rows of data under columns of keys, as Node
// draws them.
import {
  ArrayIsArray,
  ArrayPrototypeJoin,
  MapPrototypeForEach,
  MapPrototypeGetSize,
  ObjectKeys,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  StringPrototypePadEnd,
  StringPrototypeRepeat,
} from '../../primordials.ts';
import { isObject } from '../../webidl.ts';
import { inspect } from './value.ts';

const kMostRows = 1000;
const kValues = 'Values'; // the column for rows that are no objects

type Cells = Record<string, string>;

function newCells(): Cells {
  return { __proto__: null as never };
}

function cellText(value: unknown): string {
  const deep = isObject(value) && !ArrayIsArray(value) && ObjectKeys(value).length > 2;
  return inspect(value, { depth: deep ? -1 : 0, mostItems: 3, lineWidth: 1 / 0 });
}

// null when `data` is no object, so not for a table.
export function table(data: unknown, only: unknown): string | null {
  if (!isObject(data)) return null;
  return tableOfEntries(data) ?? tableOfKeys(data, only);
}

// Of a Map or a Set, whose entries are counted; null for others.
function tableOfEntries(data: object): string | null {
  const index = '(iteration index)';
  const rows: Cells[] = [];
  const add = (key: string | null, value: unknown) => {
    if (rows.length >= kMostRows) return;
    const row = newCells();
    row[index] = `${rows.length}`;
    if (key !== null) row.Key = key;
    row[kValues] = cellText(value);
    rows[rows.length] = row;
  };
  if (has(MapPrototypeGetSize, data)) {
    MapPrototypeForEach(data, (value: unknown, key: unknown) => add(cellText(key), value));
    return draw([index, 'Key', kValues], rows);
  }
  if (!has(SetPrototypeGetSize, data)) return null;
  SetPrototypeForEach(data, (value: unknown) => add(null, value));
  return draw([index, kValues], rows);
}

function has(getSize: (data: unknown) => unknown, data: object): boolean {
  try {
    getSize(data);
    return true;
  } catch {
    return false;
  }
}

function tableOfKeys(data: object, only: unknown): string {
  const names = ObjectKeys(data);
  const columns = ['(index)'];
  const rows: Cells[] = [];
  let values = false;
  for (let i = 0; i < names.length && i < kMostRows; i++) {
    const name = names[i] as string;
    const row = (data as Record<string, unknown>)[name];
    const cells = newCells();
    cells['(index)'] = name;
    if (isObject(row)) {
      const keys = ArrayIsArray(only) ? (only as unknown[]) : ObjectKeys(row);
      for (let j = 0; j < keys.length; j++) {
        const key = `${keys[j]}`;
        addColumn(columns, key);
        if (key in row) cells[key] = cellText((row as Record<string, unknown>)[key]);
      }
    } else {
      cells[kValues] = cellText(row);
      values = true;
    }
    rows[i] = cells;
  }
  if (values) addColumn(columns, kValues);
  return draw(columns, rows);
}

function addColumn(columns: string[], key: string): void {
  for (let i = 0; i < columns.length; i++) if (columns[i] === key) return;
  columns[columns.length] = key;
}

function draw(columns: readonly string[], rows: readonly Cells[]): string {
  const widths: number[] = [];
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as string;
    let width = column.length;
    for (let j = 0; j < rows.length; j++) {
      const { length } = rows[j]?.[column] ?? '';
      if (length > width) width = length;
    }
    widths[i] = width + 2;
  }
  const lines = [rule('┌', '┬', '┐'), line((column) => column), rule('├', '┼', '┤')];
  for (let i = 0; i < rows.length; i++)
    lines[lines.length] = line((column) => rows[i]?.[column] ?? '');
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
