import * as v from 'valibot';
import type { OperatorClaims } from '../../../src/operators/index.ts';
import { jsonColumn } from '../platform/json-column.ts';
import type { Proposal, StoredCapability, StoredPasskey } from './binding.ts';

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

/** A capability without what has a column of its own. */
type CapabilityFacts = Omit<StoredCapability, 'id' | 'by' | 'ends' | 'stopped'>;

const names = v.optional(v.array(v.string()));

export const CAPABILITY = jsonColumn<CapabilityFacts>('capability.capability', [
  v.looseObject({
    block: v.string(),
    maker: v.union([
      v.looseObject({ provider: v.string(), claims: v.record(v.string(), v.array(v.string())) }),
      v.looseObject({ credential: v.string() }),
    ]),
    // Strict: a limit of a newer release must not be lost.
    grants: v.array(v.strictObject({ permission: v.string(), owners: names, tools: names })),
    holder: v.string(),
    reason: v.string(),
    at: v.number(),
  }),
]);

export const STOPPED = jsonColumn<readonly string[]>('capability.stopped', [v.array(v.string())]);

/** A passkey without what has a column of its own. */
type PasskeyFacts = Omit<StoredPasskey, 'id' | 'name' | 'counter' | 'used'>;

export const PASSKEY = jsonColumn<PasskeyFacts>('passkey.passkey', [
  v.looseObject({
    algorithm: v.picklist([-7, -8, -257]),
    publicKey: v.string(),
    label: v.string(),
    at: v.number(),
  }),
]);
