import type { HeadError } from '../format/read-head.ts';
import type { SnapshotError } from '../format/read-snapshot.ts';
import type { CoverageFault } from './quorum.ts';

/** Why a snapshot or deltas do not match the head that they lead to. */
export type UpdateError =
  | SnapshotError
  | { readonly code: 'delta_malformed' }
  | { readonly code: 'entries_gap'; readonly expected: number }
  | { readonly code: 'chain_mismatch'; readonly seq: number };

/** What a replica would hold too much of. */
export type FeedLimit = 'revoked' | 'stops' | 'epochs' | 'deltas';

/** Why a replica rejects a head. */
export type FeedError =
  | HeadError
  | UpdateError
  | { readonly code: 'head_issuer' }
  | { readonly code: 'head_shard' }
  | { readonly code: 'head_from_future'; readonly seconds: number }
  | {
      readonly code: 'head_rollback';
      readonly held: string;
      readonly offered: string;
      /** Whether the replica has everything in it, as with a delayed answer of an honest log. */
      readonly isOlder: boolean;
      /** How many seconds before the current head it was signed. */
      readonly seconds: number;
    }
  /** Another head was applied meanwhile, and this one is still newer: open it again. */
  | { readonly code: 'feed_moved' }
  /** One position has two chains: the log, or someone with its key, is equivocating. */
  | { readonly code: 'head_fork'; readonly held: string; readonly offered: string }
  /** The new epoch starts before the current position: the entries in between would be undone. */
  | { readonly code: 'head_epoch'; readonly held: string; readonly offered: string }
  /** The witnesses do not vouch for the head, and it cannot be used without them. */
  | { readonly code: 'head_unwitnessed'; readonly why: CoverageFault }
  /** More is live than a replica can hold. It rejects the head instead of dropping entries. */
  | { readonly code: 'feed_over_limit'; readonly limit: FeedLimit };
