import type { HeadError } from '../format/read-head.ts';
import type { SnapshotError } from '../format/read-snapshot.ts';

/** What leads to a head is not what the head has signed. */
export type UpdateError =
  | SnapshotError
  | { readonly code: 'delta_malformed' }
  | { readonly code: 'entries_gap'; readonly expected: number }
  | { readonly code: 'chain_mismatch'; readonly seq: number };

export type FeedLimit = 'revoked' | 'stops' | 'epochs' | 'deltas';

/** Why a head is not taken. */
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
      /** What is held has all that is offered: as with a late answer of an honest log. */
      readonly isOlder: boolean;
      /** How many seconds before what is held it was signed. */
      readonly seconds: number;
    }
  /** Something else was applied meanwhile, and this is still newer: it must be read once more. */
  | { readonly code: 'feed_moved' }
  /** One point of the log has two chains: its keeper, or who has its key, tells two stories. */
  | { readonly code: 'head_fork'; readonly held: string; readonly offered: string }
  /** The epoch before ended short of what is held: what is in between would be undone. */
  | { readonly code: 'head_epoch'; readonly held: string; readonly offered: string }
  /** More is live than a replica holds: nothing is left out, the whole head is refused. */
  | { readonly code: 'feed_over_limit'; readonly limit: FeedLimit };
