import { describe, expect, test } from 'vitest';
import type { RelayedUse } from '../../../src/bridge/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { describeSummary } from '../../../src/run/describe-summary.ts';
import { Tally } from '../../../src/run/tally.ts';

const parsed = parseCatalogue(`
[[tool]]
name = "mcp/notes/read_note"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "notes" }]

[[tool]]
name = "mcp/notes/write_note"
action = "write"
tier = 2
arguments = ["path"]
datasets = [{ argument = "/path", under = "notes" }]
sinks = ["/path"]
`);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const catalogue = parsed.value;

const use = (name: string, path: string, outcome: RelayedUse['outcome'], code?: string) => ({
  server: 'notes',
  kind: 'tool' as const,
  name,
  args: { path },
  outcome,
  ...(code !== undefined && { code }),
});
const grant = (tool: string, action: 'read' | 'write', dataset: string) => ({
  tool: `mcp/notes/${tool}`,
  action,
  dataset,
});

describe('the summary of a run', () => {
  test('says what was done, denied, and granted but never used', async () => {
    const tally = new Tally(async () => catalogue);
    tally.granted([
      grant('read_note', 'read', 'notes/team'),
      grant('write_note', 'write', 'notes/drafts'),
      grant('read_note', 'read', 'notes/old'),
    ]);
    tally.count(use('read_note', 'team/a.md', 'done'));
    tally.count(use('read_note', 'team/b.md', 'done'));
    tally.count(use('write_note', 'drafts/a.md', 'failed'));
    tally.count(use('read_note', 'private/a.md', 'denied', 'no_grant'));
    const summary = await tally.summary();
    expect(summary).toEqual({
      done: [{ tool: 'mcp/notes/read_note', count: 2 }],
      failed: [{ tool: 'mcp/notes/write_note', count: 1 }],
      denied: [{ tool: 'mcp/notes/read_note', count: 1, code: 'no_grant' }],
      unused: [grant('read_note', 'read', 'notes/old')],
    });
    expect(describeSummary(summary)).toEqual([
      'done:',
      '  mcp/notes/read_note × 2',
      'failed at the server:',
      '  mcp/notes/write_note',
      'denied:',
      '  mcp/notes/read_note: no_grant',
      'granted, never used:',
      '  mcp/notes/read_note (read) on notes/old',
    ]);
  });

  test('is bounded, and obeys nothing that an agent wrote', async () => {
    const tally = new Tally(async () => undefined);
    for (let i = 0; i < 1_000; i++) tally.count(use(`tool${i}`, '', 'denied', 'tool_unknown'));
    tally.count(use('\u001b[2J\nfake', '', 'done'));
    const { denied } = await tally.summary();
    expect(denied).toHaveLength(200);
    const one = new Tally(async () => undefined);
    one.count(use('\u001b[2J\nfake', '', 'done'));
    expect(describeSummary(await one.summary())[1]).toBe('  mcp/notes/?[2J?fake');
  });
});
