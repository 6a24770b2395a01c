import type { ExportError, FileError } from '../../feed/index.ts';

/** Why a feed was not taken, and what to look at. */
export function describeFeedError(error: ExportError | FileError): string {
  switch (error.code) {
    case 'head_malformed':
      return 'the head is not one of this version';
    case 'head_signature':
      return 'the head is not signed with the feed key: another key, or somebody else';
    case 'head_issuer':
      return 'the head is that of another issuer';
    case 'head_shard':
      return 'the head is that of another shard: see --shard';
    case 'head_from_future':
      return `the head is ${error.seconds} s ahead of this clock`;
    case 'head_rollback':
      return `it is older than what was known: ${error.offered} after ${error.held}`;
    case 'head_fork':
      return `the log tells two stories at ${error.held}: who holds the feed key?`;
    case 'head_epoch':
      return `its epoch leaves out what was known: ${error.offered} after ${error.held}`;
    case 'feed_over_limit':
      return `more is revoked than a verifier holds (${error.limit})`;
    case 'snapshot_invalid':
      return `the snapshot is not the one that the head names (${error.why})`;
    case 'delta_malformed':
      return 'the records are not ones of this version';
    case 'entries_gap':
      return `entry ${error.expected} is missing`;
    case 'chain_mismatch':
      return `the records up to ${error.seq} are not those that the head signs`;
    case 'feed_unreachable':
      return `the issuer does not answer (${error.why})`;
    case 'feed_moved':
      return 'the feed moved several times while it was read: ask again';
    case 'feed_malformed':
      return 'the issuer answers something else, or too much';
    case 'floor_unreadable':
      return 'the floor file cannot be read: put a copy of it back';
    case 'file_malformed':
      return 'it is no feed file';
    case 'file_too_large':
      return 'it is more than a feed file holds';
  }
}
