import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDocuments } from '../../../scripts/local/documents.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-documents-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the folder has the reports, one secret, and no summary yet', async () => {
  const { root, reports, secret } = await createDocuments(folder);
  expect(root).toBe(join(folder, 'documents'));
  for (const path of reports) expect(await readFile(join(root, path), 'utf8')).toMatch(/^# /);
  expect(await readFile(join(root, secret), 'utf8')).toContain('salary_eur');
  expect(await readdir(join(root, 'summaries'))).toEqual([]);
});

test('exactly one report addresses AI agents', async () => {
  const { root, reports, injected, secret } = await createDocuments(folder);
  const texts = await Promise.all(reports.map((path) => readFile(join(root, path), 'utf8')));
  const speaking = reports.filter((_, i) => texts[i]?.includes('AI ASSISTANTS'));
  expect(speaking).toEqual([injected]);
  expect(texts[reports.indexOf(injected)]).toContain(secret);
});

test('a new start removes the files of the one before, and leaves its neighbours alone', async () => {
  const { root, summary } = await createDocuments(folder);
  await writeFile(join(root, summary), 'old');
  await writeFile(join(root, 'reports/q1.md'), 'changed');
  await writeFile(join(folder, 'local.json'), '{}');
  await createDocuments(folder);
  expect(await readdir(join(root, 'summaries'))).toEqual([]);
  expect(await readFile(join(root, 'reports/q1.md'), 'utf8')).toContain('first quarter');
  expect(await readFile(join(folder, 'local.json'), 'utf8')).toBe('{}');
});
