import * as v from 'valibot';
import type { Grant } from '../../../src/capability/index.ts';
import {
  type AccountRefusal,
  type Finding,
  type ObservedRecord,
  STATES,
} from '../../../src/lifecycle/index.ts';
import type { KeptReceipt } from '../../../src/receipts/index.ts';
import type { Result } from '../../../src/result.ts';
import type { StopDraft } from '../feed/entry-draft.ts';
import { HISTORY } from '../platform/history-column.ts';
import { type JsonColumn, jsonColumn } from '../platform/json-column.ts';
import type { WorkflowStart } from './binding.ts';
import type { StoredTree } from './tree.ts';

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

const start = v.looseObject({
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
  renewWithin: v.exactOptional(v.number()),
  prompt: v.exactOptional(
    v.looseObject({ text: v.string(), salt: v.string(), digest: v.string() }),
  ),
  mintDigest: v.exactOptional(v.string()),
});

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

const observed = v.looseObject({
  id: v.string(),
  at: v.number(),
  allowed: v.boolean(),
  code: v.exactOptional(v.string()),
  tool: v.exactOptional(v.string()),
  datasets: v.exactOptional(v.array(v.string())),
  tier: v.exactOptional(v.number()),
  invites: v.exactOptional(v.boolean()),
});
const answer = v.union([
  v.looseObject({ ok: v.literal(true), value: v.null() }),
  v.looseObject({ ok: v.literal(false), error: v.looseObject({ code: v.string() }) }),
]);
const state = v.picklist(STATES);
const meter = v.looseObject({
  key: v.string(),
  limit: v.number(),
  share: v.number(),
  used: v.number(),
  carved: v.number(),
  leased: v.number(),
});
const renewal = v.looseObject({
  block: v.string(),
  at: v.number(),
  expires: v.number(),
  of: v.number(),
});
const lease = v.looseObject({
  id: v.string(),
  workflow: v.string(),
  tool: v.string(),
  calls: v.number(),
  expires: v.number(),
  state: v.picklist(['open', 'lapsed', 'settled']),
});

// The JSON in a row is read with the row: one that cannot be read must hold up no other.
const smallTable = v.exactOptional(
  v.array(
    v.objectWithRest(
      { n: v.number(), id: v.string() },
      v.union([v.string(), v.number(), v.null()]),
    ),
  ),
);

const tree = v.looseObject({
  workflows: v.array(
    v.looseObject({
      start,
      minted: v.exactOptional(v.number()),
      state,
      ordered: state,
      gen: v.number(),
      depth: v.number(),
      ends: v.number(),
      idleSeconds: v.number(),
      activeAt: v.number(),
      renewedAt: v.exactOptional(v.number()),
      mintDigest: v.exactOptional(v.string()),
      renewals: v.exactOptional(
        v.looseObject({ count: v.number(), at: v.number(), recent: v.array(renewal) }),
      ),
      tokensEnd: v.number(),
      suspendedBy: v.exactOptional(v.string()),
      graceEnds: v.exactOptional(v.number()),
      endedAt: v.exactOptional(v.number()),
      meters: v.array(meter),
    }),
  ),
  verifiers: v.optional(v.array(v.tuple([v.string(), v.number()])), []),
  counted: v.optional(v.number(), 0),
  denials: v.optional(
    v.array(v.looseObject({ n: v.number(), workflow: v.string(), record: observed })),
    [],
  ),
  overruns: v.optional(
    v.array(v.looseObject({ workflow: v.string(), gen: v.number(), record: v.string() })),
    [],
  ),
  leases: v.optional(v.array(lease), []),
  charges: v.optional(
    v.array(
      v.looseObject({
        nonce: v.string(),
        at: v.number(),
        refusal: v.exactOptional(v.looseObject({ code: v.string() })),
        approval: v.exactOptional(v.string()),
        awaitsEnd: v.exactOptional(v.literal(true)),
        scopes: v.exactOptional(v.array(v.string())),
        isPending: v.exactOptional(v.literal(true)),
      }),
    ),
    [],
  ),
  labels: v.optional(
    v.array(
      v.looseObject({ label: v.string(), at: v.number(), workflow: v.string(), tool: v.string() }),
    ),
    [],
  ),
  history: v.optional(HISTORY, { next: 1, rules: {} }),
  rows: v.optional(v.looseObject({ intent: smallTable, owed: smallTable, untold: smallTable }), {}),
});

const STORED_TREE = jsonColumn<StoredTree>('schema_version.state', [tree]);

/** The state of an object. Empty members are left out: most workflows have few of them. */
export const TREE: JsonColumn<StoredTree> = {
  read: STORED_TREE.read,
  write: ({ workflows, history, ...rest }) => {
    // It is an object of objects, so it would not be empty by itself.
    const kept = isEmpty(history.rules) ? rest : { ...rest, history };
    const used = Object.entries(kept).filter(([, value]) => value !== 0 && !isEmpty(value));
    return STORED_TREE.write({ workflows, ...Object.fromEntries(used) } as StoredTree);
  },
};

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

export const RECEIPT = jsonColumn<KeptReceipt>('receipt.kept', [
  v.looseObject({
    receipt: v.string(),
    seed: v.string(),
    leaves: v.array(
      v.looseObject({ pointer: v.string(), value: v.union([v.string(), v.number()]) }),
    ),
    exp: v.number(),
    named: v.boolean(),
  }),
]);

// Columns of tables that 0.3.0 had and `conversion.ts` reads.
export const START = jsonColumn<WorkflowStart>('workflow.start', [start]);
export const OBSERVED = jsonColumn<ObservedRecord>('observed.record', [observed]);
export const ANSWER = jsonColumn<Result<null, AccountRefusal>>('charge.answer', [answer]);
