/** Writes the measured tables and the figure of docs/evaluation.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { newValuesOf, type Row, type Share, stableTable } from '../agent-authz-bench/index.ts';

const PAGE = fileURLToPath(new URL('../../docs/evaluation.md', import.meta.url).href);
const FIGURE = fileURLToPath(new URL('../../docs/evaluation.svg', import.meta.url).href);

/** What was measured, by the name in the markers of its table. */
export type PageTables = Readonly<
  Record<'plan' | 'suites' | 'prompt' | 'unmarked', readonly Row[]>
>;

/** Replaces the table of the suite of our own. */
export const writeOwn = (rows: readonly Row[]): void =>
  writeFileSync(PAGE, replaceTable(readFileSync(PAGE, 'utf8'), 'own', stableTable(rows)));

/** Replaces the tables between the markers of the page, and draws the figure. */
export function writePage(tables: PageTables): void {
  let page = readFileSync(PAGE, 'utf8');
  for (const [name, rows] of Object.entries(tables)) {
    page = replaceTable(page, name, stableTable(rows));
  }
  const asking = tables.plan.filter(({ name }) => name === '+ provenance');
  page = replaceTable(page, 'asked', newValuesOf(asking));
  writeFileSync(PAGE, page);
  writeFileSync(FIGURE, figureOf(tables.plan));
}

function replaceTable(page: string, name: string, table: string): string {
  const [start, end] = [`<!-- measured: ${name} `, `<!-- measured until here: ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no markers of ${name}`);
  const head = page.slice(0, page.indexOf('\n', from) + 1);
  return `${head}\n${table}\n\n${page.slice(to)}`;
}

const [WIDTH, ROW, LABEL] = [720, 26, 190];
const BARS: readonly (readonly [title: string, color: string, (row: Row) => Share])[] = [
  ['attack success', '#b3261e', ({ metrics }) => metrics.attackSuccess],
  ['honest runs untouched', '#2e7d32', ({ metrics }) => metrics.untouched],
  ['tasks asked', '#8a6d00', ({ metrics }) => metrics.tasksAsked],
];

/** Bars of the three numbers for each configuration, each from 0 to 100 %. */
export function figureOf(rows: readonly Row[]): string {
  const width = (WIDTH - LABEL) / BARS.length;
  const bars = rows.flatMap(({ name, metrics, ...rest }, index) => {
    const y = 40 + index * ROW;
    const label = `<text x="0" y="${y + 13}">${name}</text>`;
    const row = { name, metrics, ...rest };
    const own = BARS.map(([, color, share], column) => {
      const { hit, of } = share(row);
      const percent = of === 0 ? 0 : (100 * hit) / of;
      const x = LABEL + column * width;
      const length = ((width - 60) * percent) / 100;
      return [
        `<rect x="${x}" y="${y}" width="${length.toFixed(1)}" height="16" fill="${color}"/>`,
        `<text x="${(x + length + 5).toFixed(1)}" y="${y + 13}">${percent.toFixed(1)} %</text>`,
      ].join('');
    });
    return [label, ...own];
  });
  const titles = BARS.map(
    ([title], column) => `<text x="${LABEL + column * width}" y="20">${title}</text>`,
  );
  const height = 50 + rows.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"`,
    ' font-family="sans-serif" font-size="12" fill="#444">',
    '<title>Attack success, honest runs untouched and tasks asked, by configuration</title>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...titles,
    ...bars,
    '</svg>\n',
  ].join('\n');
}
