import type { JsonBodyError } from '../json-body.ts';

/** Why a request is not a call that a catalogue describes. `pointer` is RFC 6901. */
export type HttpCallError =
  /** No route has this path. */
  | { readonly code: 'route_unknown' }
  /** A route has this path, and none of them this method. */
  | { readonly code: 'route_method_unlisted'; readonly methods: readonly string[] }
  | { readonly code: 'name_invalid'; readonly kind: 'path'; readonly why: string }
  | { readonly code: 'argument_unlisted'; readonly pointer: string }
  | { readonly code: 'argument_repeated'; readonly pointer: string }
  | { readonly code: 'argument_malformed'; readonly pointer: string; readonly why: string }
  | { readonly code: 'query_malformed'; readonly why: string }
  | { readonly code: 'header_refused'; readonly header: string }
  | JsonBodyError;
