import type { DenialAdvice } from './entry.ts';
import type { GatewayDenialCode } from './gateway-denials.ts';

/** For the documentation and for explanations: no gateway and no verifier imports this file. */
export const GATEWAY_ADVICE = {
  message_too_large: {
    advice: 'Send a smaller message.',
    cause: 'The message is larger than 256 KiB.',
  },
  message_malformed: {
    advice: 'Send one JSON-RPC 2.0 request; a call has an id, a name and an object of arguments.',
    cause:
      'The body is not JSON or not JSON-RPC 2.0, is nested too deeply, or is a call without id, name or object of arguments.',
  },
  batch_refused: {
    advice: 'Send each request by itself.',
    cause: 'The client uses an old version of MCP.',
  },
  header_mismatch: {
    advice: 'Leave the `Mcp-*` headers out, or copy them from the body.',
    cause:
      '`Mcp-Method`, `Mcp-Name` or `Mcp-Param-*` contradicts the body: a proxy rewrites one of them, or the client tries to deceive a reader.',
  },
  method_denied: {
    advice: 'Do not use this method.',
    cause:
      'The gateway does not forward this MCP method, or its revision of MCP does not have it. In a session the status is 400, because 404 means that the session is lost.',
  },
  revision_unsupported: {
    advice: 'Use one of the revisions in `error.data.supported`.',
    cause: '`MCP-Protocol-Version` names a revision of MCP that the gateway does not know.',
  },
  server_unknown: {
    advice: 'Check the path.',
    cause: 'The server is not in `UPSTREAMS`.',
  },
  route_unknown: {
    advice: 'Check the path. Only requests that the catalogue lists are forwarded.',
    cause:
      'An HTTP API: no tool of the catalogue has a route with this path. Add one, or leave it out on purpose.',
  },
  route_method_unlisted: {
    advice: 'Use a method that the `Allow` header lists.',
    cause: 'An HTTP API: the catalogue has routes with this path, for other methods.',
  },
  argument_repeated: {
    advice: 'Give each argument once.',
    cause:
      'An HTTP API: a parameter of the query or a field of the form is given twice, and its route does not say `list = true`. Servers take the first or the last of them.',
  },
  argument_malformed: {
    advice: 'Write the value as the catalogue types it: `7`, and not `007` or `7.0`.',
    cause:
      'An HTTP API: a value is not of the type that its route gives it, has another spelling, or is a header that was sent twice. The record has the pointer and the reason.',
  },
  query_malformed: {
    advice: 'Write the query as `name=value` pairs in percent-encoded UTF-8.',
    cause: 'An HTTP API: readers would split or decode the query in different ways.',
  },
  header_refused: {
    advice: 'Send the method itself, without a header that overrides it.',
    cause:
      'An HTTP API: the request has `X-HTTP-Method-Override` or a header like it. Some servers would carry out another method than the one that was judged.',
  },
  origin_denied: {
    advice: 'Call the gateway from a program, or ask its operator to list the origin of the page.',
    cause:
      'The request has an `Origin` that `origins` does not list. A browser sends it, also for a page that attacks its user. Nothing was read or recorded.',
  },
  event_unknown: {
    advice: 'Open a new stream, without `Last-Event-ID`.',
    cause:
      'The `Last-Event-ID` was not issued to this workflow in this session. If it belongs to another workflow, someone is guessing.',
  },
  task_unknown: {
    advice: 'Use the ids of tasks that your own calls have made.',
    cause:
      'The task was not made by a call of this workflow at this server, the capability no longer covers its tool, or the secret that sealed the id has changed.',
  },
  request_unknown: {
    advice: 'Answer only what the server asked in this session.',
    cause:
      'The id of a response was not issued to this workflow in this session, or `serverRequests` no longer allows what the server asked.',
  },
  session_unknown: {
    advice: 'Open a new session.',
    cause:
      'The `Mcp-Session-Id` was not issued to this workflow for this server, or the secret that sealed it has changed. If it belongs to another workflow, someone is guessing.',
  },
  state_unknown: {
    advice: 'Send the call as it was first sent, with the `requestState` of its last answer.',
    cause:
      'A multi-round-trip request of MCP: `requestState` was changed, belongs to another call, workflow or server, or was sealed with another secret.',
  },
  tool_unknown: {
    advice: 'Use only the tools that `tools/list` returns.',
    cause: 'The catalogue does not have the tool. Add it, or leave it out on purpose.',
  },
  argument_unlisted: {
    advice: 'Leave the argument out.',
    cause: "The server's tool has a new argument, or the agent invented one.",
  },
  dataset_unmappable: {
    advice: 'Write the path relative to its root, without `..` and escapes.',
    cause:
      'An absolute path, `..`, a backslash or a percent sign. The record has the pointer and the reason.',
  },
  definition_changed: {
    advice: 'Use another tool, until an operator has accepted the change.',
    cause:
      "The server's tool has another name, description, schema or annotation than the catalogue pins in `definition`, is listed twice, or is gone. `hewn catalogue diff` shows what changed, and accepts it with `--accept`.",
  },
  definition_unavailable: {
    advice: 'Retry after the time in `Retry-After`.',
    cause:
      'The gateway asked the server for its tools, before the first call of a pinned one, and got no whole list.',
  },
  catalogue_unavailable: {
    advice: 'Retry after the time in `Retry-After`.',
    cause:
      'The head of the feed names a catalogue that the gateway has not fetched: the issuer does not answer `GET /catalogue/{hash}`, or the bytes have another hash or do not parse (`catalogue.unfetched` in the log). Reads are judged by the catalogue before. Without any, no version was activated and the gateway has no catalogue of its own.',
  },
  budget_exhausted: {
    advice: 'Stop, or wait for an operator.',
    cause:
      'The call needs more of a budget than is left. The rule `budget-exceeded` suspends it; the record names the meter.',
  },
  approval_used: {
    advice: 'Ask for another approval of the call.',
    cause:
      'An approval is good for one call. The agent sent the call a second time, or someone repeated it; the decision record names the approval.',
  },
  budget_unmeasured: {
    advice: 'Pass a number of at least zero in that argument.',
    cause: 'A budget adds up this argument, and the call has no number there, or a negative one.',
  },
  history_limit: {
    advice:
      'Stay within `left`, or wait for `seconds` if the denial has them. Do not split the call.',
    cause:
      'A rule for calls, sums or distinct values of the catalogue. The record has the rule, its bound and what was left. A new workflow does not help if the rule counts for the agent, the subject or the owner.',
  },
  history_used: {
    advice: 'Get a new value, such as a new approval.',
    cause: 'A rule for single use: an earlier call passed the same value at the pointer.',
  },
  history_order: {
    advice: 'Make the calls in the order that the rule asks for.',
    cause:
      'A rule for an order of calls: the one in `of` is missing, is too old, failed, is still under way or has been used up (`after`), or it forbids this one (`not_after`).',
  },
  history_unmeasured: {
    advice:
      'Pass one text, number or boolean in each of `pointers`; a sum needs a number of at least zero.',
    cause:
      'A rule over history reads the argument, and the call has no value there, an object, or a list that is too long.',
  },
  history_full: {
    advice: 'Stop, or wait for an operator.',
    cause:
      'The rule remembers as many calls as it can: 1,024 values for single use, or 192 KiB for all rules of a workflow or a scope. Shorten the time of the rule.',
  },
  workflow_stopped: {
    advice: 'Stop. Begin a new workflow if there is still work to do.',
    cause:
      'The gateway asked the issuer about a call of tier 2 or 3, and the workflow is suspended or has ended. The feed had not delivered that yet.',
  },
  flow_denied: {
    advice: 'Do not send this. Send to a destination of the same owner, if there is one.',
    cause:
      'A `[[flow]]` of the catalogue denies calls that leave, once the workflow or one of its family has read the labels in the record. `label` says how they were known.',
  },
  flow_unapproved: {
    advice:
      'Ask for the approval of exactly this call, or send to a destination of the same owner.',
    cause:
      'A `[[flow]]` of the catalogue asks a person about calls that leave, once the workflow or one of its family has read the labels in the record. `label` says how they were known: `assumed` is what the token could have read, at a tool of tier 0 or 1.',
  },
  url_unbound: {
    advice:
      'Request a page of a listed host, without a query, or ask for the approval of this call.',
    cause:
      'The tool leaves, and the argument is a sink of the kind `url`. The record has the pointer and the reason. Add the host or the segments to `url` of the sink, or grant a dataset that names them.',
  },
  labels_unavailable: {
    advice: 'Retry after the time in `Retry-After`.',
    cause:
      'The issuer did not answer when the gateway set the labels of an answer, or it told no labels with a charge. The server was not called. The log has `labels.failed`.',
  },
  ledger_unavailable: {
    advice: 'Retry after the time in `Retry-After`.',
    cause: 'The issuer did not answer when the gateway tried to charge a call of tier 2 or 3.',
  },
  record_unwritten: {
    advice: 'Retry after the time in `Retry-After`. The call was not made.',
    cause:
      'The record of a call of tier 3 could not be written in time, or the log and the queue before it are too full for a call of its tier: see [When it fills](audit-log.md#when-it-fills). The call was not made. Its charge was given back, unless the record says `charged`.',
  },
  rate_limited: {
    advice: 'Retry after the time in `Retry-After`.',
    cause:
      'A source or a workflow sends too many requests: see [rate limits](rate-limits.md). Not recorded.',
  },
} as const satisfies Readonly<Record<GatewayDenialCode, DenialAdvice>>;
