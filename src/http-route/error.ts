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
  | HttpBodyError;

/** Why a body is not accepted. */
export type HttpBodyError =
  | { readonly code: 'message_too_large' }
  | { readonly code: 'body_malformed'; readonly why: string }
  | { readonly code: 'body_type_unsupported'; readonly header: string };
