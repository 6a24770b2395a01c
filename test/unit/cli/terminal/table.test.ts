import { expect, test } from 'vitest';
import {
  type Column,
  partyColumn,
  renderTable,
  textWidth,
} from '../../../../src/cli/terminal/index.ts';

interface Row {
  readonly id: string;
  readonly agent: string;
  readonly state: string;
  readonly task: string;
}

const ROW: Row = {
  id: 'wf_7QxAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  agent: 'https://idp.example#report-agent',
  state: 'revoked',
  task: 'write the weekly report of the growth team and send it',
};
const ROWS: readonly Row[] = [ROW, { ...ROW, agent: 'https://idp.example#other', state: 'active' }];

const COLUMNS: readonly Column<Row>[] = [
  { head: 'ID', cell: ({ id }) => id },
  {
    head: 'STATE',
    cell: ({ state }) => state,
    tone: ({ state }) => (state === 'revoked' ? 'bad' : undefined),
  },
  partyColumn('AGENT', ({ agent }) => agent),
  { head: 'TASK', cell: ({ task }) => task, cut: 'end', isOptional: true },
];

const table = (columns: number, rows = ROWS): readonly string[] =>
  renderTable({ outIsTerminal: true, columns }, COLUMNS, rows).split('\n');

test('a table for a program is aligned, and nothing in it is cut', () => {
  const lines = renderTable({ outIsTerminal: false, columns: 40 }, COLUMNS, ROWS).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^ID +STATE +AGENT +TASK$/);
  expect(lines[1]).toContain(`${ROW.agent}  ${ROW.task}`);
});

test('a table that fits the terminal is shown in full', () => {
  expect(table(200)[1]).toContain(`${ROW.agent}  ${ROW.task}`);
});

test.each([50, 60, 80, 100, 120, 140, 200])('no line is wider than %i columns', (columns) => {
  for (const line of table(columns)) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
});

test('a narrow table shortens names before it cuts, and never cuts an id', () => {
  const [, first = ''] = table(100);
  expect(first).toContain(`${ROW.id}  revoked  report-agent  write`);
  expect(first).toMatch(/…$/);
});

test('a table leaves out an optional column before a row becomes a list', () => {
  const [head, first] = table(62);
  expect(head).toMatch(/^ID +STATE +AGENT$/);
  expect(first).toBe(`${ROW.id}  revoked  report-agent`);
});

test('a terminal too narrow for the table gets each row as a list, with everything', () => {
  const lines = table(40);
  expect(lines[0]).toBe(`ID     ${ROW.id}`);
  expect(table(30).join(' ').replaceAll(/\s+/g, ' ')).toContain(ROW.task);
  expect(lines.filter((line) => line === '')).toHaveLength(1);
});

test('a cell cannot move the cursor, colour the screen or begin a line', () => {
  const rows = [{ ...ROW, task: '\u001b[2J\u001b]0;owned\u0007 a\nb \u202ec' }];
  const [, first = '', ...more] = table(200, rows);
  expect(first).toContain('\\u{1b}[2J\\u{1b}]0;owned\\u{7} a\\u{a}b \\u{202e}c');
  expect(more).toEqual([]);
});

test('colour is in the cell and not in its width', () => {
  const screen = { outIsTerminal: true, columns: 200, isColoured: true };
  const [head, first = '', second] = renderTable(screen, COLUMNS, ROWS).split('\n');
  expect(head).toContain('\u001b[1mSTATE\u001b[22m');
  expect(first).toContain(`\u001b[31m${ROW.state}\u001b[39m  `);
  expect(second).not.toContain('\u001b');
});

test('wide and combining characters are measured as a terminal draws them', () => {
  expect([textWidth('日本'), textWidth('e\u0301'), textWidth('🙂'), textWidth('ab')]).toEqual([
    4, 1, 2, 2,
  ]);
  const rows = [
    { ...ROW, state: '日本語' },
    { ...ROW, state: 'active' },
  ];
  const [, first = '', second = ''] = table(200, rows);
  expect(textWidth(first)).toBe(textWidth(second));
});
