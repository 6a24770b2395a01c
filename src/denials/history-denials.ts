/** The denials of rules over history, which the gateway answers like its others. */
export const HISTORY_DENIALS = {
  history_limit: {
    status: 403,
    error: 'insufficient_scope',
    message: 'A rule over the history of the workflow allows no more of this.',
    rpc: 'denied',
    deviation: 'none',
  },
  history_used: {
    status: 403,
    error: 'insufficient_scope',
    message: 'A rule over the history of the workflow allows this value once.',
    rpc: 'denied',
    deviation: 'none',
  },
  history_order: {
    status: 403,
    error: 'insufficient_scope',
    message: 'A rule over the history of the workflow requires another order of calls.',
    rpc: 'denied',
    deviation: 'none',
  },
  history_unmeasured: {
    status: 403,
    error: 'insufficient_scope',
    message: 'An argument that a rule over history reads is missing or invalid.',
    rpc: 'denied',
    deviation: 'none',
  },
  history_full: {
    status: 403,
    error: 'insufficient_scope',
    message: 'A rule over the history of the workflow can remember no further call.',
    rpc: 'denied',
    deviation: 'none',
  },
} as const;
