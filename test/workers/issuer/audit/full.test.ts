import { createExecutionContext, reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { obtainCapability } from '../../../../src/agent/index.ts';
import {
  type AuditRecord,
  type DecisionRecord,
  recordClassOf,
} from '../../../../src/audit/index.ts';
import {
  GRANTS_BYTES_MAX,
  hasRoom,
  TRAFFIC_BYTES_MAX,
} from '../../../../workers/issuer/audit/capacity.ts';
import { DecisionSink } from '../../../../workers/issuer/objects.ts';
import { type IssuerEnv, transparencyLog } from '../../../../workers/issuer/platform/env.ts';
import { serveKeys } from '../../../storage/dump/idp.ts';
import { admin, env, obtain, options, order } from '../../../storage/dump/scene.ts';
import { fillLogs } from '../logs.scene.ts';
import { readMerged } from '../merged.ts';

const objects = untyped as unknown as IssuerEnv;
const network = globalThis.fetch;
let lines: unknown[] = [];

beforeEach(() => {
  globalThis.fetch = serveKeys(network);
  lines = [];
  vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  globalThis.fetch = network;
  await reset();
});

const fill = (bytes: number) => fillLogs(objects, bytes);
const events = async () =>
  (await readMerged(objects, { after: 0 })).map(({ record }) => record.event);
const decision = (workflow: string, n: number, allowed = true): DecisionRecord => ({
  event: 'decision',
  id: `v.${n}`,
  verifier: 'v',
  n,
  at: Date.now(),
  workflow,
  blocks: [],
  tool: 'mcp/files/read_text_file',
  tier: 0,
  allowed,
  ...(!allowed && { code: 'caveat_failed' }),
});
const sink = () => new DecisionSink(createExecutionContext(), env);
/** Instead of `rejects`, which subscribes to the promise of a remote call twice. */
const fails = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => false,
    () => true,
  );

describe('an audit log that fills', () => {
  test('refuses decisions, and records refusals, mints and stops in the next control log', async () => {
    const { workflow } = await obtain();
    await fill(TRAFFIC_BYTES_MAX);
    expect(await fails(sink().append([decision(workflow, 1)]))).toBe(true);
    const READ = { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/private' };
    expect((await obtainCapability(await options({ grants: [READ] }))).ok).toBe(false);
    const other = await obtain();
    expect(await order(other.workflow, 'revoke')).toMatchObject({ epoch: 1 });
    expect((await events()).filter((event) => event !== 'log_opened').sort()).toEqual(
      ['mint', 'refusal', 'mint', 'revocation'].sort(),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'audit.full', code: 'traffic', bytes: expect.any(Number) }),
    );
  });

  test('keeps no one from minting, resuming or revoking', async () => {
    const first = await obtain();
    const second = await obtain();
    expect(await order(second.workflow, 'suspend')).toMatchObject({ state: 'suspended' });
    // Of one kind, a line a second is reported, and the test before has filled a log.
    await scheduler.wait(1_100);
    await fill(GRANTS_BYTES_MAX);
    expect(await obtainCapability(await options())).toMatchObject({ ok: true });
    expect(await order(second.workflow, 'resume')).toMatchObject({ state: 'active' });
    expect(await order(first.workflow, 'revoke')).toMatchObject({ epoch: 1 });
    expect(await admin(`workflows/${first.workflow}`)).toMatchObject({ state: 'revoked' });
    const continued = { event: 'audit.full', code: 'continued', log: 'control', next: 'control-2' };
    expect(lines).toContainEqual(expect.objectContaining(continued));
  });

  test('does not keep a rule from stopping a deviating agent', async () => {
    const { workflow } = await obtain();
    await fill(TRAFFIC_BYTES_MAX);
    const denials = [1, 2, 3].map((n) => decision(workflow, n, false));
    expect(await fails(sink().append(denials))).toBe(true);
    expect(await admin(`workflows/${workflow}`)).toMatchObject({ state: 'suspended' });
  });

  test('accepts a batch as a whole or not at all', async () => {
    await fill(TRAFFIC_BYTES_MAX);
    const unknown = { event: 'made up', id: 'b', at: 1 } as unknown as AuditRecord;
    const mint = { event: 'rule_armed', id: 'a', at: 1, rule: 'r', actor: 'o', reason: 'x' };
    expect(
      await fails(transparencyLog(objects, 'decisions-1-0').append([mint as AuditRecord, unknown])),
    ).toBe(true);
    expect(await events()).toEqual([]);
  });
});

test('every kind of record has a class, and unknown kinds are refused first', () => {
  expect(recordClassOf({ event: 'made up' } as never)).toBe('traffic');
  expect(recordClassOf({ event: 'toString' } as never)).toBe('traffic');
  expect(recordClassOf({ event: 'transition', move: 'suspend' } as never)).toBe('stop');
  expect(recordClassOf({ event: 'transition', move: 'resume' } as never)).toBe('grant');
  expect(hasRoom('stop', Number.MAX_SAFE_INTEGER)).toBe(true);
});
