import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { argumentNodes } from '../../../src/capability/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
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
