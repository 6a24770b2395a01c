import { expect, test } from 'vitest';
import { readProjectFile, tableRows } from './markdown.ts';

const PAGE = 'docs/frameworks.md';

/** How many requirements each section of OWASP AISVS 1.0 has, in the chapters of the page. */
const AISVS = new Map(
  Object.entries({
    '5.1': 2,
    '5.2': 7,
    '5.3': 2,
    '9.1': 3,
    '9.2': 10,
    '9.3': 8,
    '9.4': 4,
    '9.5': 6,
    '9.6': 3,
    '10.1': 3,
    '10.2': 7,
    '10.3': 5,
    '10.4': 8,
    '12.1': 4,
    '12.2': 6,
    '12.3': 4,
    '12.4': 3,
    '12.5': 4,
  }),
);
/** How many rows the other sections of the page have. */
const OTHERS: Readonly<Record<string, number>> = {
  'OWASP Top 10 for Agentic Applications (2026)': 10,
  'OWASP Non-Human Identities Top 10 (2025)': 10,
  'CSA MAESTRO': 7,
  'NIST AI Risk Management Framework 1.0': 14,
  'CoSAI maturity of MCP security': 8,
};

const sections = new Map(
  (await readProjectFile(PAGE))
    .split(/^## /m)
    .map((section) => [section.split('\n', 1)[0] ?? '', section] as const),
);
const rowsOf = (title: string) =>
  tableRows(sections.get(title) ?? '').filter((row) => !row.includes('status'));
const aisvs = rowsOf('OWASP AISVS 1.0');
const rows = [...aisvs, ...Object.keys(OTHERS).flatMap(rowsOf)].map((row) => ({
  id: row[0] ?? '',
  test: row.at(-2) ?? '',
  status: row.at(-1) ?? '',
}));

test('the page has every requirement of the four chapters of AISVS, in order', () => {
  const ids = [...AISVS].flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
  );
  expect(aisvs.map(([id]) => id)).toEqual(ids);
  expect(new Set(aisvs.map(([, level]) => level))).toEqual(new Set(['1', '2', '3']));
});

test.each(Object.entries(OTHERS))('the page has every row of %s', (title, count) => {
  expect(rowsOf(title)).toHaveLength(count);
});

test('every test that the page names exists', async () => {
  const named = rows.filter(({ test: name }) => name !== '');
  expect(named.length).toBeGreaterThan(100);
  for (const { id, test: name } of named) {
    const [, path = '', title = ''] = /^(\S+\.test\.ts): (.+)$/.exec(name) ?? [];
    expect(path, id).not.toBe('');
    expect(await readProjectFile(path), `${id}: ${name}`).toContain(title);
  }
});

test('what is met or partly met names a test, and nothing else does', () => {
  for (const { id, test: name, status } of rows) {
    expect(status, id).toMatch(/^(met$|partly: |not met: |out of scope: )/);
    expect(name !== '', id).toBe(/^(met|partly)/.test(status));
  }
});

test('at least 45 requirements of AISVS are met, and the page counts them right', () => {
  const isMet = aisvs.filter((row) => row.at(-1) === 'met').length;
  const concerning = aisvs.filter((row) => !row.at(-1)?.startsWith('out of scope')).length;
  const tested = aisvs.filter((row) => row.at(-2) !== '').length;
  expect(isMet).toBeGreaterThanOrEqual(45);
  const text = (sections.get('OWASP AISVS 1.0') ?? '').replaceAll('\n', ' ');
  expect(text).toContain(
    `Of ${aisvs.length} requirements, ${concerning} concern them; ${isMet} are met, and ${tested} have a named test.`,
  );
});
