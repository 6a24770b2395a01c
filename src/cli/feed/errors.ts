import type { ExportError, FileError } from '../../feed/index.ts';

/** Says why a feed was rejected, and what to check. */
export function describeFeedError(error: ExportError | FileError): string {
  switch (error.code) {
    case 'head_malformed':
      return 'the head is malformed, or has a format that this version does not know';
    case 'head_extension_unknown':
      return `the head needs a newer version of Hewn: it has the critical extension ${error.name}, version ${error.version}`;
    case 'head_signature':
      return 'the head is not signed with the feed key: check --feed-key and the host';
    case 'head_issuer':
      return 'the head belongs to another issuer: check --issuer';
    case 'head_shard':
      return 'the head belongs to another shard: check --shard';
    case 'head_from_future':
      return `the head is ${error.seconds} s ahead of the clock of this machine`;
    case 'head_rollback':
      return `the feed was rolled back: it offers ${error.offered} after ${error.held}`;
    case 'head_fork':
      return `the log signed two histories at ${error.held}: the feed key may be stolen`;
    case 'head_unwitnessed':
      return `the witnesses do not vouch for the head (${error.why})`;
    case 'head_epoch':
      return `the new epoch lacks known entries: it offers ${error.offered} after ${error.held}`;
    case 'feed_over_limit':
      return `the feed has more revocations than a verifier holds (${error.limit})`;
    case 'snapshot_invalid':
      return `the snapshot is not the one that the head names (${error.why})`;
    case 'delta_malformed':
      return 'the entries are malformed, or have a format that this version does not know';
    case 'entries_gap':
      return `entry ${error.expected} is missing`;
    case 'chain_mismatch':
      return `the entries up to ${error.seq} are not those that the head signs`;
    case 'feed_unreachable':
      return `cannot reach the feed of the issuer (${error.why})`;
    case 'feed_moved':
      return 'the feed changed several times while it was read: try again';
    case 'feed_malformed':
      return 'the issuer returned something that is not a feed, or too much of it';
    case 'floor_unreadable':
      return 'cannot read the floor file: restore it from a backup';
    case 'file_malformed':
      return 'it is not a feed file';
    case 'file_too_large':
      return 'it is larger than any feed file';
  }
}
