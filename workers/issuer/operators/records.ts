import type { OperatorRecord } from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import type { OperatorSource } from '../../../src/operators/index.ts';
import type { ActOf, NewSession, Proposal, StoredCapability } from './binding.ts';

const BREAK_GLASS_MILLISECONDS = 60_000;

/** Returns what every record of an operator's act begins with. */
export const stamp = <Change extends OperatorRecord['change']>(change: Change) => ({
  event: 'operator' as const,
  id: `operator.${change}.${crypto.randomUUID()}`,
  at: readClock(),
  change,
});

/** Uses of one route within a minute are one record, because a command may ask every second. */
export function breakGlassRecord(actor: string, route: string): OperatorRecord {
  const at = readClock();
  const minute = Math.floor(at / BREAK_GLASS_MILLISECONDS);
  const id = `operator.break_glass.${minute}.${route}`;
  return { event: 'operator', id, at, change: 'break_glass', actor, source: 'api', route };
}

/** Returns the record of what became of an order that needs two people. */
export const proposalRecord = (
  change: 'proposed' | 'confirmed' | 'withdrawn',
  { id, act, digest }: Proposal,
  by: Pick<OperatorRecord, 'actor' | 'source' | 'author' | 'reason'>,
): OperatorRecord => ({
  event: 'operator',
  // A proposal is proposed and confirmed once, so a second attempt writes no second record.
  id: `operator.${id}.${change}`,
  at: readClock(),
  change,
  route: act,
  proposal: id,
  digest,
  ...by,
});

export const signedInRecord = ({ session, roles }: NewSession): OperatorRecord => ({
  ...stamp('signed_in'),
  actor: session.name,
  source: session.source,
  roles,
  until: session.ends,
});

export const mintedRecord = (
  { id, by, ends, grants, holder, block, reason }: StoredCapability,
  source: OperatorSource,
): OperatorRecord => ({
  ...stamp('capability_minted'),
  actor: by,
  source,
  capability: id,
  block,
  grants,
  holder,
  until: ends,
  reason,
});

export const stoppedRecord = (
  { id }: StoredCapability,
  block: string,
  { by, source, reason }: ActOf,
): OperatorRecord => ({
  ...stamp('capability_stopped'),
  actor: by,
  source,
  capability: id,
  block,
  reason,
});
