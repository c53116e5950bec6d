// Where util.inspect of Node breaks lines: parts stand on one line when that is short, many
// short items of an array in columns, others one a line.
import {
  ArrayPrototypeJoin,
  StringPrototypeIndexOf,
  StringPrototypePadEnd,
  StringPrototypeRepeat,
} from '../../primordials.ts';

const kMostColumns = 12;

// `head` is what the object is, if that is a text of its own; `open` ends in the brace.
interface Block {
  readonly head: string;
  readonly open: string;
  readonly parts: readonly string[];
  readonly close: string;
}

// How far to the right it stands, and where lines end.
interface Page {
  readonly indent: number;
  readonly lineWidth: number;
}

// `united`: whether one line may do.
export function layOut(block: Block, { indent, lineWidth }: Page, united: boolean): string {
  const { head, open, parts, close } = block;
  const start = head === '' ? open : `${head} ${open}`;
  if (parts.length === 0) return head === '' ? `${open}${close}` : head;
  if (united && StringPrototypeIndexOf(head, '\n') < 0) {
    let width = 2 * parts.length + indent + head.length + open.length + 10;
    for (let i = 0; i < parts.length; i++) width += (parts[i] as string).length;
    const line = width > lineWidth ? '\n' : ArrayPrototypeJoin(parts, ', ');
    if (StringPrototypeIndexOf(line, '\n') < 0) return `${start} ${line} ${close}`;
  }
  const margin = `\n${StringPrototypeRepeat(' ', indent)}`;
  return `${start}${margin}  ${ArrayPrototypeJoin(parts, `,${margin}  `)}${margin}${close}`;
}

// As many that the table is about as wide as it is high, where a character is two and a
// half times as high as wide; fewer where the items are of much the same width.
function columnsFor(count: number, widest: number, total: number, room: number): number {
  const cell = widest + 2;
  const slack = cell - 3 - (cell - total / count) ** 0.5;
  const width = slack > 1 ? slack : 1;
  let columns = ((2.5 * width * count) ** 0.5 / width + 0.5) | 0;
  const fitting = (room / cell) | 0;
  if (columns > fitting) columns = fitting;
  return columns > kMostColumns ? kMostColumns : columns;
}

// The items of an array, several a line where they are short. `extra` items at the end are
// notes, which stay by themselves.
export function group(
  items: string[],
  extra: number,
  toTheRight: boolean,
  { indent, lineWidth }: Page,
): string[] {
  const count = items.length - extra;
  if (items.length <= 6 || count < 1) return items;
  let widest = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const { length } = items[i] as string;
    if (length > widest) widest = length;
    total += length + 2;
  }
  const cell = widest + 2;
  if (cell * 3 + indent >= lineWidth || (total / cell <= 5 && widest > 6)) return items;
  const columns = columnsFor(count, widest, total, lineWidth - indent);
  if (columns <= 1) return items;
  const widths: number[] = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < count; i += columns)
      if ((items[i] as string).length > width) width = (items[i] as string).length;
    widths[column] = width;
  }
  const rows: string[] = [];
  for (let first = 0; first < count; first += columns) {
    let row = '';
    for (let i = first; i < first + columns && i < count; i++) {
      const item = items[i] as string;
      const isLast = i === first + columns - 1 || i === count - 1;
      const gap = StringPrototypeRepeat(' ', (widths[i - first] as number) - item.length);
      if (toTheRight) row += gap + item + (isLast ? '' : ', ');
      else row += isLast ? item : StringPrototypePadEnd(`${item}, `, item.length + 2 + gap.length);
    }
    rows[rows.length] = row;
  }
  for (let i = count; i < items.length; i++) rows[rows.length] = items[i] as string;
  return rows;
}
