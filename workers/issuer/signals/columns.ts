import * as v from 'valibot';
import type { SetClaims, WorkflowChange } from '../../../src/signals/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

export const CLAIMS = jsonColumn<SetClaims>('event.claims', [
  v.looseObject({
    iss: v.string(),
    aud: v.string(),
    jti: v.string(),
    iat: v.number(),
    sub_id: v.looseObject({}),
    events: v.record(v.string(), v.looseObject({})),
  }),
]);

export const CHANGE = jsonColumn<WorkflowChange>('untold.change', [
  v.looseObject({
    id: v.string(),
    workflow: v.string(),
    state: v.string(),
    at: v.number(),
    by: v.string(),
    subject: v.exactOptional(v.string()),
  }),
]);
