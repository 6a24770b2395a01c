import * as v from 'valibot';
import type { Grant } from '../../../src/capability/index.ts';
import type { AccountRefusal, Finding, ObservedRecord } from '../../../src/lifecycle/index.ts';
import type { Result } from '../../../src/result.ts';
import type { StopDraft } from '../feed/entry-draft.ts';
import { jsonColumn } from '../platform/json-column.ts';
import type { WorkflowStart } from './binding.ts';

/** The JSON columns of a workflow's tables. `jsonColumn` explains their versions. */

const grants = v.array(
  v.looseObject({
    tool: v.string(),
    action: v.string(),
    dataset: v.string(),
    constraints: v.exactOptional(v.record(v.string(), v.unknown())),
  }),
);
const budgets = v.looseObject({});
const tier = v.picklist([0, 1, 2, 3]);

export const START = jsonColumn<WorkflowStart>('workflow.start', [
  v.looseObject({
    id: v.string(),
    parent: v.exactOptional(v.string()),
    agent: v.string(),
    subject: v.string(),
    owner: v.string(),
    task: v.string(),
    gen: v.number(),
    audience: v.string(),
    holder: v.exactOptional(v.string()),
    grants,
    startedAt: v.number(),
    expires: v.number(),
    ends: v.number(),
    blocks: v.array(v.string()),
    tier: v.exactOptional(tier),
    budgets: v.exactOptional(budgets),
    asked: v.exactOptional(budgets),
  }),
]);

export const ADDED = jsonColumn<readonly Grant[]>('mint.added', [grants]);
export const GRANTED = jsonColumn<readonly Grant[]>('granted.grants', [grants]);

export const BOUNDS = jsonColumn<Pick<WorkflowStart, 'tier' | 'budgets'>>('granted.bounds', [
  v.looseObject({ tier: v.exactOptional(tier), budgets: v.exactOptional(budgets) }),
]);

const times = { at: v.number(), expires: v.number(), id: v.string() };
export const ENTRY = jsonColumn<StopDraft>('intent.word', [
  v.variant('kind', [
    v.looseObject({ kind: v.picklist(['workflow', 'block']), ...times }),
    v.looseObject({ kind: v.picklist(['suspension', 'resumption']), gen: v.number(), ...times }),
  ]),
]);

export const FINDING = jsonColumn<Finding>('finding.finding', [
  v.looseObject({
    rule: v.string(),
    version: v.number(),
    action: v.string(),
    shadow: v.boolean(),
    evidence: v.array(v.string()),
  }),
]);

export const OBSERVED = jsonColumn<ObservedRecord>('observed.record', [
  v.looseObject({
    id: v.string(),
    at: v.number(),
    allowed: v.boolean(),
    code: v.exactOptional(v.string()),
    tool: v.exactOptional(v.string()),
    datasets: v.exactOptional(v.array(v.string())),
    tier: v.exactOptional(v.number()),
    invites: v.exactOptional(v.boolean()),
  }),
]);

export const ANSWER = jsonColumn<Result<null, AccountRefusal>>('charge.answer', [
  v.union([
    v.looseObject({ ok: v.literal(true), value: v.null() }),
    v.looseObject({ ok: v.literal(false), error: v.looseObject({ code: v.string() }) }),
  ]),
]);
