import type { VersionSource } from '../../../src/version/index.ts';
import { flag, integer, json, nullable, table, text } from '../platform/table.ts';
import { ACTIVATION_RECORD, POLICY } from './columns.ts';

export type ActivationState = 'recording' | 'active' | 'ended' | 'abandoned';

export const versionTable = table('version', {
  seq: integer('The order of loading. The oldest version that was never active is dropped first.'),
  id: text('SHA-256 of the canonical form of policy and catalogue, in hex.'),
  policy: json(POLICY, 'The text of each policy file, by its name.'),
  catalogue: text('The text of the tool catalogue.'),
  catalogue_hash: text('SHA-256 of `catalogue`, by which heads and verifiers name it.'),
  bytes: integer('The size of the canonical form, for the bound on all versions together.'),
  loaded_at: integer('Unix milliseconds.'),
  loaded_by: text('The actor, as in the audit log.'),
  source: text<VersionSource>('What brought it: `operator`, `deploy`, `dev` or `serve`.'),
  reason: text('Why it was loaded.'),
  active_at: nullable(
    integer('Unix milliseconds of its last activation. Null if it was never active.'),
  ),
});

export const activationTable = table('activation', {
  n: integer('The order of the activations.'),
  id: text('Of the audit record, so that it is written once.'),
  version: text('What becomes active.'),
  before: nullable(text('What it replaces. Null if nothing was active.')),
  catalogue_hash: text('What heads name from then on.'),
  at: integer('Unix milliseconds.'),
  actor: text('The actor, as in the audit log.'),
  source: text<VersionSource>(
    'What ordered it: `hewn deploy` and `hewn serve` do not undo what an operator ordered since.',
  ),
  reason: text('Why it was activated.'),
  state: text<ActivationState>(
    '`recording`: the audit log does not have it yet, and an alarm finishes it after a crash. `active`, then `ended`. `abandoned`: it was not recorded and never in force.',
  ),
  in_feed: flag('Whether the revocation log names the catalogue. An alarm retries until it does.'),
  record: json(ACTIVATION_RECORD, 'The audit record, which is written before it is in force.'),
});
