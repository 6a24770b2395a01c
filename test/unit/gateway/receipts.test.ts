import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { argumentNodes } from '../../../src/capability/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import type { Head } from '../../../src/feed/index.ts';
import { generatePair } from '../../../src/key-file/index.ts';
import type { KeptReceipt } from '../../../src/receipts/index.ts';
import { Receipts } from '../../../workers/gateway/receipts/receipts.ts';
import { unwrap } from '../fixtures/issuer.ts';

/** What one isolate asks the issuer about the receipts of workflows. */
const NOW = Date.UTC(2026, 10, 29);
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const tool = unwrap(
  parseCatalogue(`[[tool]]
name = "mcp/bank/pay"
action = "write"
tier = 3
arguments = ["iban"]
datasets = [{ fixed = "bank" }]
[[tool.sink]]
argument = "/iban"
kind = "iban"
`),
).get('mcp/bank/pay');

function isolate() {
  const asked: string[] = [];
  const receipts = new Receipts({
    gateway: 'https://gateway.example',
    privateKey: undefined,
    feed: { head: undefined },
    client: {
      attachments: async (workflow) => {
        asked.push(workflow);
        return { receipts: [] };
      },
    },
  });
  const call = (workflow: string, args: JsonObject = {}) =>
    receipts.attachedTo({ workflow, tool, nodes: unwrap(argumentNodes(args)), sent: undefined });
  return { asked, call };
}

test('the workflow that was used least lately is forgotten after 128 of them', async () => {
  const { asked, call } = isolate();
  for (let n = 0; n <= 128; n++) await call(`wf_${n}`);
  expect(asked).toHaveLength(129);
  await call('wf_1');
  expect(asked).toHaveLength(129);
  await call('wf_0');
  expect(asked.slice(129)).toEqual(['wf_0']);
});

test('the issuer is asked once in two seconds about a value that nothing attests', async () => {
  const { asked, call } = isolate();
  const args = { iban: 'XX00' };
  for (const [milliseconds, times] of [
    [0, 1],
    [1_000, 1],
    [2_000, 2],
    [3_000, 2],
    [4_000, 3],
  ] as const) {
    vi.setSystemTime(NOW + milliseconds);
    await call('wf_1', args);
    expect(asked).toHaveLength(times);
  }
});

test('a value that was not asked about before is asked about at once', async () => {
  const { asked, call } = isolate();
  await call('wf_1', { iban: 'XX00' });
  await call('wf_1', { iban: 'XX01' });
  await call('wf_1', { iban: 'XX01' });
  expect(asked).toHaveLength(2);
});

describe('a read that is followed by a write in another isolate', () => {
  const GATEWAY = 'https://gateway.example';
  const { privateKey, publicKey } = generatePair();
  const value = [{ id: 7, public_key: publicKey, gateway: GATEWAY, until: null }];
  const extensions = [{ name: 'receipt_keys', version: 1, critical: false, value }];
  const head = { epoch: 1, seq: 1, issued_at: NOW / 1_000, extensions } as unknown as Head;
  const read = unwrap(
    parseCatalogue(`[[tool]]
name = "mcp/bank/payees"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "bank" }]
[[tool.field]]
pointer = "/iban"
kind = "iban"
by = "own"
reason = "paid before"
`),
  ).get('mcp/bank/payees');
  if (!read) throw new Error('no tool');

  /** Isolates of one gateway, before one object of the workflow. */
  function isolates() {
    const kept: KeptReceipt[] = [];
    const isolate = () =>
      new Receipts({
        gateway: GATEWAY,
        privateKey,
        feed: { head },
        client: {
          attachments: async (_, added) => {
            kept.push(...added);
            return { receipts: [...kept] };
          },
        },
      });
    return { kept, isolate };
  }
  const answer = {
    data: { iban: 'GB29' },
    tool: 'mcp/bank/payees',
    action: 'read',
    marks: read.field ?? [],
    datasets: ['bank'],
    args: {},
    nodes: [],
    workflow: 'wf_1',
  };
  const ask = (isolate: Receipts, of: typeof tool, args: JsonObject) => {
    const nodes = unwrap(argumentNodes(args));
    return isolate.attachedTo({ workflow: 'wf_1', tool: of, nodes, sent: undefined });
  };

  test('is attested there as soon as its answer is served', async () => {
    const { isolate } = isolates();
    const [reader, writer] = [isolate(), isolate()];
    // The isolate knows the workflow already, and has just asked about it.
    expect((await ask(writer, tool, {})).leaves).toEqual([]);
    await ask(reader, read, {});
    await reader.issue(answer, read);
    expect((await ask(writer, tool, { iban: 'GB29' })).leaves).toMatchObject([{ value: 'GB29' }]);
  });

  test('is attested after two seconds if the writer asked about the same value before', async () => {
    const { isolate } = isolates();
    const [reader, writer] = [isolate(), isolate()];
    await ask(writer, tool, { iban: 'GB29' });
    await ask(reader, read, {});
    await reader.issue(answer, read);
    expect((await ask(writer, tool, { iban: 'GB29' })).leaves).toEqual([]);
    vi.setSystemTime(NOW + 2_000);
    expect((await ask(writer, tool, { iban: 'GB29' })).leaves).toHaveLength(1);
  });

  test('writes its row after the answer if no token of the workflow asks where values come from', async () => {
    const { kept, isolate } = isolates();
    const reader = isolate();
    await reader.issue(answer, read);
    expect(kept).toEqual([]);
    await reader.keep();
    expect(kept).toHaveLength(1);
  });
});
