import type { TokenError } from '../../capability/index.ts';

/**
 * Why a filter cannot be made. It is never made wider instead: without a filter, read nothing.
 */
export type ScopeError =
  /** The token bounds this argument, and neither the request nor a column has it. */
  | { readonly code: 'bound_unmapped'; readonly pointer: string }
  /** The bound on this argument has no exact form in the target, or with this column. */
  | {
      readonly code: 'bound_inexpressible';
      readonly pointer: string;
      readonly why: string;
      /** The check of the token, and the block that has it. */
      readonly block: number;
      readonly source: string;
    }
  /** The token pins the whole arguments, so that no column can stand for one of them. */
  | { readonly code: 'arguments_pinned'; readonly block: number }
  /** An argument of the request is no object, and a column is mapped to a member of it. */
  | { readonly code: 'arguments_conflict'; readonly pointer: string }
  /** The datasets have no exact form in the target. */
  | { readonly code: 'datasets_inexpressible'; readonly why: string }
  /** The filter exceeds what the target accepts. */
  | { readonly code: 'filter_too_large'; readonly bytes: number; readonly bytesMax: number }
  | TokenError;
