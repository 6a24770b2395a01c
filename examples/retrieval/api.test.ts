import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Narrowing, narrow } from 'hewn/agent';
import { testIssuer } from 'hewn/testing';
import { createApi } from './api.ts';
import { openLibrary, type Passage } from './library.ts';

const SALARIES = 'Salaries of the board: Ada 90, Blaise 95.';
const PASSAGES: readonly Passage[] = [
  {
    id: 'eu-1',
    dataset: 'library/eu',
    owner: 'ada',
    text: 'Salaries in Europe are reviewed in May.',
  },
  {
    id: 'eu-2',
    dataset: 'library/eu/paris',
    owner: 'blaise',
    text: 'Paris reviews salaries twice.',
  },
  { id: 'hr-1', dataset: 'library/hr', owner: 'ada', text: SALARIES },
  // A dataset whose name starts like one that is granted.
  { id: 'eu-board-1', dataset: 'library/eu-board', owner: 'ada', text: SALARIES },
];
const grants = [{ tool: 'library.search', action: 'read', dataset: 'library/eu' }] as const;
const { mint, protection, decisions, feed } = await testIssuer({
  audience: 'https://api.example',
});
const api = createApi(protection, openLibrary(PASSAGES));

async function ask(path: string, query: Record<string, string>, token: string) {
  const url = new URL(path, 'https://api.example');
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const response = await api.fetch(
    new Request(url, { headers: { authorization: `Bearer ${token}` } }),
  );
  const body = (await response.json()) as readonly Passage[];
  return { status: response.status, ids: response.ok ? body.map(({ id }) => id).sort() : [] };
}

async function narrowed(narrowing: Narrowing): Promise<string> {
  const step = await narrow(await mint({ grants }), narrowing);
  assert.ok(step.ok);
  return step.value;
}

test('an agent finds the passages of its datasets, by words and by likeness', async () => {
  const token = await mint({ grants });
  for (const path of ['/search', '/similar']) {
    assert.deepEqual((await ask(path, { query: 'salaries' }, token)).ids, ['eu-1', 'eu-2']);
  }
  assert.deepEqual(decisions.at(-1)?.evidence.datasets, ['library/eu']);
});

// What a hijacked agent may try with a valid token. It knows the text that it is after.
const ATTEMPTS = [
  SALARIES,
  'board',
  'salaries" OR dataset:"library/hr',
  'salaries OR 1=1',
  'dataset:hr',
  "x') OR 1=1 --",
  'text:salaries NOT eu',
];
for (const query of ATTEMPTS) {
  test(`a hijacked agent gets nothing else: ${query}`, async () => {
    const token = await mint({ grants });
    for (const path of ['/search', '/similar']) {
      const { ids } = await ask(path, { query, dataset: 'library/hr', folder: '..' }, token);
      assert.ok(
        ids.every((id) => ['eu-1', 'eu-2'].includes(id)),
        ids.join(),
      );
    }
  });
}

test('an agent that narrows its token for a step finds less', async () => {
  const paris = await narrowed({ dataset: 'library/eu/paris' });
  assert.deepEqual((await ask('/search', { query: 'salaries' }, paris)).ids, ['eu-2']);
  const owned = await narrowed({ constraints: { '/owner': { exact: 'ada' } } });
  assert.deepEqual((await ask('/similar', { query: 'salaries' }, owned)).ids, ['eu-1']);
});

test('a bound that SQL cannot express reads nothing', async () => {
  const token = await narrowed({ constraints: { '/owner': { matches: 'a.*' } } });
  assert.equal((await ask('/search', { query: 'salaries' }, token)).status, 403);
});

test('a token for other datasets, or of a revoked workflow, reads nothing', async () => {
  const [grant] = grants;
  const other = await mint({ grants: [{ ...grant, dataset: 'archive' }] });
  assert.equal((await ask('/search', { query: 'salaries' }, other)).status, 403);
  const token = await mint({ grants, workflow: 'wf_stopped' });
  feed.revoke('wf_stopped');
  assert.equal((await ask('/similar', { query: 'salaries' }, token)).status, 401);
});
