import * as v from 'valibot';
import type { AskedCall } from '../../../src/approval/index.ts';
import type { ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { ACTIONS } from '../../../src/capability/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

/** The stored text is canonical: the digest that a person echoes is computed from it. */
export const QUESTION = jsonColumn<
  JsonObject & {
    readonly agent: string;
    readonly subject: string;
    readonly owner: string;
    readonly task: string;
    readonly workflow?: string;
    readonly calls?: readonly AskedCall[];
  }
>('approval.question', [
  v.looseObject({
    agent: v.string(),
    subject: v.string(),
    owner: v.string(),
    task: v.string(),
    workflow: v.exactOptional(v.string()),
    calls: v.exactOptional(
      v.array(
        v.looseObject({
          tool: v.string(),
          action: v.picklist(ACTIONS),
          dataset: v.array(v.string()),
          args: v.looseObject({}),
          sinks: v.array(v.string()),
        }),
      ),
    ),
  }),
]);

export const DECISION = jsonColumn<ApprovalDecidedRecord>('approval.decision', [
  v.looseObject({
    event: v.literal('approval_decided'),
    id: v.string(),
    at: v.number(),
    approval: v.string(),
    digest: v.string(),
    decision: v.picklist(['approve', 'refuse']),
    actor: v.string(),
    by: v.string(),
    reason: v.string(),
    until: v.exactOptional(v.number()),
  }),
]);
