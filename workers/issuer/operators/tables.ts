import type { OperatorSource } from '../../../src/operators/index.ts';
import { integer, json, nullable, table, text } from '../platform/table.ts';
import { CAPABILITY, CLAIMS, PASSKEY, PROPOSAL, STOPPED } from './columns.ts';

export const sessionTable = table('session', {
  digest: text('SHA-256 of the token of the session, in hex.'),
  name: text('The person, as records have it: provider and subject.'),
  provider: text('The provider that vouched for the person.'),
  claims: json(CLAIMS, 'What the provider said and rules read. Roles follow at each request.'),
  source: text<OperatorSource>('`console` or `cli`.'),
  begun: integer('Unix seconds.'),
  ends: integer('Unix seconds.'),
});

export const proofTable = table('proof', {
  digest: text('SHA-256 of an ID token that began a session, in hex: it begins no other.'),
  until: integer('Unix seconds, when the ID token is refused anyway.'),
});

export const proposalTable = table('proposal', {
  id: text('Random.'),
  author: text('Who proposed it, as records have it.'),
  expires: integer('Unix seconds.'),
  proposal: json(PROPOSAL, 'The order, its digest, and what its author may do follows from.'),
});

export const capabilityTable = table('capability', {
  id: text('Random. The token names it as its workflow.'),
  author: text('Who made it, as records have it.'),
  ends: integer('Unix seconds.'),
  capability: json(
    CAPABILITY,
    'The id of its first block, what it grants, the key that it was bound to, and what the roles of its maker follow from. Never the token.',
  ),
  stopped: json(STOPPED, 'The revocation ids of its stopped blocks.'),
});

export const passkeyTable = table('passkey', {
  id: text('The id of the passkey, as its authenticator made it.'),
  name: text('Whose it is, as records have it.'),
  counter: integer('Of its last signature: one that does not rise is that of a copy.'),
  used: nullable(integer('Unix seconds; null until it was used.')),
  passkey: json(PASSKEY, 'Its algorithm and public key, what the person calls it, and since when.'),
});
