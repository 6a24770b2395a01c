import { visibleLine } from '../visible.ts';
import { paint, type Screen, type Tone, widthOf } from './screen.ts';
import { cutText, padText, textWidth, wrapParts } from './text-width.ts';

/** A column. A cell can contain text of an agent: hidden characters become visible. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** A shorter form of the cell, for a table that is too wide: an age instead of a time. */
  readonly short?: (row: Row) => string;
  /** Where a cell may be cut, if the table is still too wide. Absent: never, as with an id. */
  readonly cut?: 'end' | 'middle';
  /** Left out, the last column first, if the table does not fit even when it is cut. */
  readonly isOptional?: true;
  readonly align?: 'right';
  readonly tone?: (row: Row) => Tone | undefined;
}

const GAP = 2;
/** A name that is cut further than this says nothing. */
const CUT_COLUMNS_MIN = 10;

/**
 * Renders rows as a table. On a terminal it fits the width: cells are shortened, then cut, then
 * optional columns are left out. If that is not enough, each row becomes a list of its values,
 * wrapped, and nothing is missing. Off a terminal, nothing is cut.
 */
export function renderTable<Row>(
  screen: Screen,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const full = columns.map((column) => filled(column, rows, column.cell));
  const width = widthOf(screen);
  if (width === undefined || needed(full) <= width) return render(screen, full, rows);
  const short = columns.map((column) => filled(column, rows, column.short ?? column.cell));
  for (let tried: readonly Filled<Row>[] | undefined = short; tried; tried = withoutOne(tried)) {
    const fitting = cutToFit(tried, width);
    if (fitting) return render(screen, fitting, rows);
  }
  return renderRecords(screen, full, rows);
}

/** A column with its cells as they are shown. */
interface Filled<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  readonly width: number;
}

const filled = <Row>(
  column: Column<Row>,
  rows: readonly Row[],
  cell: (row: Row) => string,
): Filled<Row> =>
  measured(
    column,
    rows.map((row) => visibleLine(cell(row))),
  );

const measured = <Row>(column: Column<Row>, cells: readonly string[]): Filled<Row> => ({
  column,
  cells,
  width: Math.max(textWidth(column.head), ...cells.map(textWidth)),
});

const needed = (columns: readonly { readonly width: number }[]): number =>
  columns.reduce((sum, { width }) => sum + width, 0) + GAP * (columns.length - 1);

/** Takes from the widest column that may be cut, until the table fits or none is left. */
function cutToFit<Row>(
  columns: readonly Filled<Row>[],
  width: number,
): readonly Filled<Row>[] | undefined {
  const widths = columns.map((one) => one.width);
  let excess = needed(columns) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, { column }] of columns.entries()) {
      const own = widths[index] ?? 0;
      const isCuttable = column.cut !== undefined && own > CUT_COLUMNS_MIN;
      if (isCuttable && own > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) return undefined;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return columns.map(({ column, cells }, index) => {
    const most = widths[index] ?? 0;
    const { cut } = column;
    return measured(column, cut ? cells.map((cell) => cutText(cell, most, cut)) : cells);
  });
}

/** Returns the columns without the last optional one. */
function withoutOne<Row>(columns: readonly Filled<Row>[]): readonly Filled<Row>[] | undefined {
  const index = columns.findLastIndex(({ column }) => column.isOptional === true);
  return index < 0 ? undefined : columns.toSpliced(index, 1);
}

function render<Row>(
  screen: Screen,
  columns: readonly Filled<Row>[],
  rows: readonly Row[],
): string {
  const line = (cellOf: (one: Filled<Row>) => readonly [string, Tone | undefined]): string =>
    columns
      .map((one, index) => {
        const [cell, tone] = cellOf(one);
        const space = ' '.repeat(Math.max(0, one.width - textWidth(cell)));
        if (one.column.align === 'right') return space + paint(screen, tone, cell);
        return paint(screen, tone, cell) + (index === columns.length - 1 ? '' : space);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(({ column }) => [column.head, 'heading']),
    ...rows.map((row, index) =>
      line(({ column, cells }) => [cells[index] ?? '', column.tone?.(row)]),
    ),
  ].join('\n');
}

/** One value in a line, and an empty line between two rows. */
function renderRecords<Row>(
  screen: Screen,
  columns: readonly Filled<Row>[],
  rows: readonly Row[],
): string {
  const names = Math.max(...columns.map(({ column }) => textWidth(column.head)));
  return rows
    .map((row, index) =>
      columns
        .map(({ column, cells }) => {
          const name = paint(screen, 'heading', padText(column.head, names));
          const words = (cells[index] ?? '').split(' ');
          const room = (widthOf(screen) ?? Number.POSITIVE_INFINITY) - names - GAP;
          return wrapParts(words, room)
            .map((line, number) => {
              const before = number === 0 ? name : ' '.repeat(names);
              return `${before}  ${paint(screen, column.tone?.(row), line)}`.trimEnd();
            })
            .join('\n');
        })
        .join('\n'),
    )
    .join('\n\n');
}

/**
 * Returns a column for an agent, a subject or an owner. Its short form is the name without the
 * identity provider, and it is cut in the middle, because many names begin alike.
 */
export const partyColumn = <Row>(
  head: string,
  nameOf: (row: Row) => string | undefined,
): Column<Row> => ({
  head,
  cell: (row) => nameOf(row) ?? '',
  short: (row) => withoutProvider(nameOf(row) ?? ''),
  cut: 'middle',
});

/** Returns the name of an agent or a person without the URL of its identity provider. */
export const withoutProvider = (name: string): string => name.replace(/^https?:\/\/[^#]+#/, '');
