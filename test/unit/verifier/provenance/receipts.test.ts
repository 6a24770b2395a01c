import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/canonical-json.ts';
import { protectMcp } from '../../../../src/mcp/index.ts';
import type { AttachedLeaf } from '../../../../src/provenance/index.ts';
import {
  ATTACHED_HEADER,
  ATTACHED_META,
  writeAttachedHeader,
  writeAttachedMeta,
} from '../../../../src/receipts/index.ts';
import { createProtection } from '../../../../src/verifier/index.ts';
import { fixedFeed, verifierWith } from '../../fixtures/feed.ts';
import { AUDIENCE, AUTHORITY, at, ISSUER, mintToken } from '../../fixtures/issuer.ts';
import { CATALOGUE, KEY, leavesOf, PAYEES, served } from '../../receipts/scene.ts';

/** APIs without a gateway, which judge the receipts that a caller attaches. */
const IBAN = 'CH9300762011623852957';
const TOOL = 'mcp/bank/add_payee';

const token = mintToken({
  grants: [
    {
      tool: TOOL,
      action: 'write',
      dataset: 'bank/eu',
      constraints: {
        arguments: ['iban', 'name'],
        constraints: { '/iban': { from: ['own:iban'] }, '/name': { optional: { present: true } } },
      },
    },
  ],
});

function protectionOf(seconds: number, known: object) {
  const plain = fixedFeed(seconds);
  const list = { name: 'receipt_keys', version: 1, critical: false, value: [KEY] } as const;
  const feed = {
    ...plain,
    head: plain.head && { ...plain.head, extensions: [list] },
  };
  const verifier = verifierWith({ feed, now: () => at(seconds) });
  return createProtection({ issuer: ISSUER, audience: AUDIENCE, verifier, ...known });
}

interface Attempt {
  readonly leaves?: readonly AttachedLeaf[];
  readonly args?: JsonObject;
  /** When it is made, in seconds after the minting. */
  readonly seconds?: number;
  readonly known?: object;
}

/** Returns whether a route of an HTTP API allows a call. */
async function isAllowedByApi({ leaves = [], args = { iban: IBAN }, ...how }: Attempt) {
  const { seconds = 1, known = { catalogue: CATALOGUE } } = how;
  const route = { tool: TOOL, action: 'write', tier: 1, dataset: 'bank/eu' } as const;
  const handler = protectionOf(seconds, known).fetch(route, () => new Response());
  const attached = writeAttachedHeader({ leaves });
  const response = await handler(
    new Request(`${AUDIENCE}/payees`, {
      method: 'POST',
      body: JSON.stringify(args),
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(attached !== undefined && { [ATTACHED_HEADER]: attached }),
      },
    }),
  );
  return response.ok;
}

/** Returns whether an MCP server of the SDK allows a call. */
async function isAllowedByServer({ leaves = [], args = { iban: IBAN }, ...how }: Attempt) {
  const { seconds = 1 } = how;
  const mcp = protectMcp(protectionOf(seconds, {}), { server: 'bank', catalogue: CATALOGUE });
  const attached = writeAttachedMeta({ leaves });
  const params = {
    name: 'add_payee',
    arguments: args,
    ...(attached && { _meta: { [ATTACHED_META]: attached } }),
  };
  const judged = await mcp.judge(
    new Request(`${AUDIENCE}/mcp`, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    }),
  );
  return judged.ok;
}

const own = served(PAYEES, {}, { workflow: AUTHORITY.workflow });

describe.each([
  ['a route of an HTTP API', isAllowedByApi],
  ['an MCP server of the SDK', isAllowedByServer],
])('%s without a gateway', (_, isAllowed) => {
  test('allows a value that a gateway has read for the workflow', async () => {
    expect(await isAllowed({ leaves: await leavesOf([IBAN], own) })).toBe(true);
  });

  test('denies it if nothing is attached', async () => {
    expect(await isAllowed({})).toBe(false);
  });

  test('denies another value', async () => {
    const leaves = await leavesOf([IBAN], own);
    expect(await isAllowed({ leaves, args: { iban: 'XX00' } })).toBe(false);
  });

  test('denies a value that another workflow has read', async () => {
    expect(await isAllowed({ leaves: await leavesOf([IBAN]) })).toBe(false);
  });

  test('denies a value whose receipt is forged', async () => {
    const [leaf] = await leavesOf([IBAN], own);
    if (!leaf) throw new Error('no leaf');
    const [payload] = leaf.receipt.split('.');
    const receipt = `${payload}.${'A'.repeat(86)}`;
    expect(await isAllowed({ leaves: [{ ...leaf, receipt }] })).toBe(false);
  });

  test('denies a value whose receipt has expired', async () => {
    const leaves = await leavesOf([IBAN], own);
    expect(await isAllowed({ leaves, seconds: 299 })).toBe(true);
    expect(await isAllowed({ leaves, seconds: 300 })).toBe(false);
  });
});

test('a protection without a catalogue knows no marks, so no receipt counts', async () => {
  const leaves = await leavesOf([IBAN], own);
  expect(await isAllowedByApi({ leaves, known: {} })).toBe(false);
});

test('the labels of a receipt that counts are in the evidence, and those of another are not', async () => {
  const labels = ['private'];
  const read = (workflow: string) => leavesOf([IBAN], served(PAYEES, {}, { labels, workflow }));
  const labelsBy = async (leaves: readonly AttachedLeaf[]) => {
    const request = { tool: TOOL, action: 'write', tier: 1, dataset: 'bank/eu' } as const;
    const { verifier } = protectionOf(1, {});
    const attached = { attached: { leaves }, catalogue: CATALOGUE };
    const decision = await verifier.verify(token, {
      ...request,
      args: { iban: IBAN },
      ...attached,
    });
    return decision.evidence.provenance?.labels;
  };
  expect(await labelsBy(await read(AUTHORITY.workflow))).toEqual(labels);
  expect(await labelsBy(await read('wf_other'))).toBeUndefined();
});
