import * as v from 'valibot';
import type { OperatorClaims } from '../../../src/operators/index.ts';
import { jsonColumn } from '../platform/json-column.ts';
import type { Proposal } from './binding.ts';

export const CLAIMS = jsonColumn<OperatorClaims>('session.claims', [
  v.record(v.string(), v.array(v.string())),
]);

export const PROPOSAL = jsonColumn<Proposal>('proposal.proposal', [
  v.looseObject({
    id: v.string(),
    permission: v.string(),
    act: v.string(),
    by: v.string(),
    digest: v.string(),
    at: v.number(),
    expires: v.number(),
    order: v.string(),
    person: v.looseObject({
      provider: v.string(),
      claims: v.record(v.string(), v.array(v.string())),
    }),
  }),
]);
