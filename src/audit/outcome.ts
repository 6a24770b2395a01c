import * as v from 'valibot';

/** What became of a call that was made. */
export const outcome = v.strictObject({
  /** Of the answer that the agent got. */
  status: v.pipe(v.number(), v.integer()),
  /** How the upstream itself called it: MCP tells a failed tool from a failed request. */
  result: v.picklist([
    ...(['ok', 'tool_error', 'protocol_error'] as const),
    /** The server said no by its status, and so that it did nothing. */
    'upstream_refused',
    /** Nobody knows: it may have happened. */
    'unknown',
    /** As gateways of 0.1.0 called what nobody knows. */
    ...(['upstream_unreachable', 'too_large'] as const),
  ]),
  /** Why nobody knows. */
  cause: v.optional(v.picklist(['timeout', 'connection', 'status', 'too_large', 'unreadable'])),
  milliseconds: v.pipe(v.number(), v.minValue(0)),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export type Outcome = v.InferOutput<typeof outcome>;
