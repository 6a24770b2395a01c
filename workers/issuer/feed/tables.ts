import { blob, integer, json, nullable, table, text } from '../platform/table.ts';
import { CHECKPOINT_SIZES, HEAD_KEYS, PREVIOUS, REFERENCE } from './columns.ts';

export const logTable = table('log', {
  one: integer('Always 1: there is one position.'),
  epoch: integer(
    'Raised when the log learns from its archive that it was restored to an earlier point: see "Restore" in docs/guides/operator.md.',
  ),
  seq: integer(
    'The position of the newest entry, even after that entry was deleted: no number is used twice.',
  ),
  chain: text('The hash chain after the newest entry. A signature over it covers all entries.'),
  previous: nullable(
    json(
      PREVIOUS,
      'Where the previous epoch ended, as JSON; null in the first epoch. Every head of this epoch contains it.',
    ),
  ),
  delta_from: integer(
    'Every entry after this position is still stored: the oldest position from which a verifier can follow by deltas.',
  ),
  live: integer(
    'How many workflow and block entries the table has, so that no head has to count them.',
  ),
  issued_at: integer(
    'Unix seconds of the newest signed head. Written before signing, and never goes back, even if the clock does.',
  ),
});

export const entryTable = table('entry', {
  seq: integer('Position, without gaps: a reader of one entry has read all before it.'),
  ordered: text('The content of the entry as one string. Unique: a repeated entry is stored once.'),
  kind: text(
    '`watermark`, `workflow`, `block`, `suspension`, `resumption`, `withdrawal`, `denial` or `lift`.',
  ),
  expires: integer(
    'Unix seconds after which no token that it could hit is valid; with an index. The highest possible number for a denial, and 31 days for a lift: a log is restored to a point at most 30 days ago, and must then find the lift of every denial that it finds.',
  ),
  record: blob(
    'The entry as verifiers receive it and as the chain hashes it (docs/reference/feed.md, "Records").',
  ),
  chain: text('The hash chain after this entry.'),
});

export const snapshotTable = table('snapshot', {
  epoch: integer('The epoch of the snapshot.'),
  seq: integer('The position of the last entry in it.'),
  part: integer('The number of the part: a row holds at most 2 MB.'),
  bytes: blob('See docs/reference/feed.md, "Snapshots".'),
});

export const snapshotReferenceTable = table('snapshot_reference', {
  epoch: integer('The epoch of the snapshot.'),
  seq: integer('The position of the last entry in it.'),
  body: json(
    REFERENCE,
    'What the head states about it, as JSON: position, chain, hash, size and count.',
  ),
  made_at: integer('Unix seconds. An old snapshot is replaced once the log has moved.'),
});

export const denialTable = table('denial', {
  scope: text('`agent`, `subject`, `owner` or `tool`.'),
  value: text('The value as tokens contain it.'),
  ordered: text(
    'The text of the entry that set it, which distinguishes it from earlier and later denials.',
  ),
  before: integer(
    'Unix seconds: a watermark of the same time stops what was issued before. A denied tool stops its calls.',
  ),
  at: integer('Unix seconds at which it was set.'),
  until: nullable(
    integer(
      'Unix seconds of its end, at which the alarm writes the lift. Null if only an operator ends it, and for a denial that was restored from its entry: a restore never ends a denial.',
    ),
  ),
  reason: nullable(
    text("The operator's reason; null for a denial that was restored from its entry."),
  ),
});

export const namedScopeTable = table('named_scope', {
  scope: text(
    'As in a watermark. `all` if tokens may exist that were never noted: after an upgrade from 0.1.0, and after a restore.',
  ),
  value: text('The value as tokens contain it.'),
  expires: integer(
    'Unix seconds until which a token that names it may be valid; with an index. In steps of five minutes, so that most mints write nothing.',
  ),
});

export const catalogueTable = table('catalogue', {
  one: integer('Always 1. No row: no version was activated yet, and the head names no catalogue.'),
  change: integer(
    'Counts the changes, so that a restored log learns from its archive that it names an old one.',
  ),
  hash: text('SHA-256 of the text of the catalogue, in hex: what the head of shard 0 names.'),
  at: integer('Unix seconds of the change.'),
});

export const headKeysTable = table('head_keys', {
  one: integer('Always 1. No row: no receipt key and no approver key was added yet.'),
  change: integer(
    'Counts the changes, so that a restored log learns from its archive which keys were removed.',
  ),
  lists: json(
    HEAD_KEYS,
    'The keys that the head of shard 0 names beside the root keys, the id of the next one, and the public keys that were removed and never come back, as JSON.',
  ),
  at: integer('Unix seconds of the change.'),
});

export const leafTable = table('leaf', {
  number: integer('From 0, without gaps. A trigger refuses to change or delete a leaf.'),
  entry: blob(
    'What the tree hashes: everything that heads say at one position (docs/reference/feed.md, "Witnesses").',
  ),
});

export const tileTable = table('tile', {
  level: integer('0 has the hashes of leaves, and each further level those of full tiles below.'),
  number: integer('The number of the tile in its level.'),
  hashes: blob('Up to 256 hashes, of which a proof needs a few.'),
});

export const checkpointTable = table('checkpoint', {
  one: integer('Always 1. No row: no witnesses were configured yet.'),
  size: integer('The size of the tree that it is about.'),
  note: text('The checkpoint with the cosignatures that were verified.'),
  sizes: json(
    CHECKPOINT_SIZES,
    'The size of the tree that each witness saw last, as JSON: a proof for it starts there.',
  ),
});

export const publishedKeyTable = table('published_key', {
  public_key: text('The public half of a root key or a feed key, in lower-case hex.'),
  since: integer('Unix seconds of the first head that named it or was signed with it.'),
});

export const positionTable = table('position', {
  one: integer('Always 1.'),
  epoch: integer('The epoch of the newest stored entry.'),
  seq: integer('The position of the newest stored entry. A trigger refuses to lower it.'),
  chain: text('The hash chain after it: a log with another one has forked.'),
});

export const keptTable = table('kept', {
  seq: integer('As in the log.'),
  ordered: text('As in the log.'),
  kind: text('As in the log.'),
  expires: integer('As in the log.'),
  record: blob('As in the log.'),
  chain: text('As in the log.'),
});
