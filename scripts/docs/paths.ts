import { markdownTable } from './table.ts';

/** One file of a path through the code, and what it does on that path. */
type Step = readonly [file: string, role: string];

/** The most files that a reader should have to open to follow one operation. */
export const PATH_FILES_MAX = 20;

/**
 * The files to open, in order, to follow one operation from the request to its effect. A test holds
 * that each file exists and that no path is longer than the maximum.
 */
export const PATHS = {
  mint: [
    ['workers/issuer/index.ts', 'Routes `POST /token`.'],
    ['workers/issuer/token/routes.ts', 'Binds the route to its handler.'],
    ['workers/issuer/token/endpoint.ts', 'Runs the pipeline: the steps below, in order.'],
    ['workers/issuer/token/read.ts', 'Parses the form.'],
    ['workers/issuer/token/read-grants.ts', 'Parses the task and its grants.'],
    [
      'workers/issuer/token/prove.ts',
      'Verifies the JWTs, the client assertion and the DPoP proof.',
    ],
    ['src/identity/verify.ts', 'Verifies one JWT against the configured identity issuers.'],
    ['workers/issuer/token/load.ts', 'Reads what the decision needs: policy, workflow, parent.'],
    ['workers/issuer/token/decide.ts', 'Decides: mint, ask a person, or refuse. Pure.'],
    ['src/policy/decide.ts', 'Evaluates the policy for each grant.'],
    ['workers/issuer/token/plan.ts', 'Describes the capability that will be minted. Pure.'],
    [
      'workers/issuer/approval/ask.ts',
      'Only if a person must approve: opens or answers the question.',
    ],
    [
      'workers/issuer/token/record.ts',
      'Issues the plan: signs, records, asks for denials, begins the workflow.',
    ],
    ['workers/issuer/token/sign.ts', 'Writes and signs the authority block.'],
    ['src/capability/write-authority.ts', 'The authority block as Datalog.'],
    ['workers/issuer/audit/append.ts', 'Appends the record to the audit log.'],
    ['workers/issuer/token/denials.ts', 'Asks the revocation log whether anything is denied.'],
    ['workers/issuer/workflow/object.ts', 'The Durable Object of the workflow tree.'],
    ['workers/issuer/workflow/begin.ts', 'Writes the row of the workflow in its object.'],
    ['workers/issuer/token/answer.ts', 'Answers with the token, or with a refusal.'],
  ],
  call: [
    ['src/agent/narrowing-fetch.ts', 'Narrows the capability to this call and sends it.'],
    ['src/capability/caveats.ts', 'The caveats of the new block.'],
    ['workers/gateway/index.ts', 'Routes `POST /mcp/<server>`.'],
    ['workers/gateway/call/serve.ts', 'Runs one request: verify, charge, forward, record.'],
    ['workers/gateway/mcp/transport.ts', 'Reads the message and describes the call.'],
    ['workers/gateway/call/verify.ts', 'Judges by the catalogue that the newest head names.'],
    ['workers/gateway/catalogues.ts', 'Fetches and keeps the catalogues.'],
    ['src/catalogue/describe.ts', 'Derives action, tier and datasets from the catalogue.'],
    ['src/verifier/verifier.ts', 'Decides: the ten steps below.'],
    ['src/capability/token.ts', 'Verifies the signatures and reads the authority block.'],
    ['src/verifier/freshness.ts', 'Compares the head with the tier, asks the log if needed.'],
    ['src/feed/replica/replica.ts', 'Looks up revocations in the copy of the feed.'],
    ['src/capability/call.ts', 'Normalises the call.'],
    ['src/capability/facts.ts', 'States the call as facts, for the checks of every block.'],
    ['src/verifier/token-checks.ts', 'Evaluates the checks of every block.'],
    ['src/audit/calls/reservation.ts', 'Takes a lease or charges the budget.'],
    [
      'workers/gateway/mcp/forward.ts',
      'Sends the message to the MCP server and returns the answer.',
    ],
    ['src/audit/outbox.ts', 'Queues the decision record and sends it in batches.'],
    ['workers/issuer/audit/decision-sink.ts', 'Receives the batch at the issuer.'],
    ['workers/issuer/workflow/monitor.ts', 'Counts budgets and evaluates deviation rules.'],
  ],
  revoke: [
    ['src/cli/workflows/revoke.ts', 'The command.'],
    ['workers/issuer/index.ts', 'Routes `POST /admin/v1/workflows/<id>/revoke`.'],
    [
      'workers/issuer/workflow/operator-routes.ts',
      'Turns the request into a command, and answers it.',
    ],
    ['workers/issuer/workflow/object.ts', 'The Durable Object of the workflow tree.'],
    ['workers/issuer/workflow/commands.ts', 'Decides, stores the intents, and delivers them.'],
    ['src/lifecycle/state.ts', 'Which transition is allowed from which state.'],
    [
      'workers/issuer/workflow/transitions.ts',
      'Writes the new state and its intents in one transaction.',
    ],
    [
      'workers/issuer/workflow/intents.ts',
      'The stored decisions that must still take effect elsewhere.',
    ],
    [
      'workers/issuer/workflow/delivery.ts',
      'Appends the entry of an intent to the revocation log.',
    ],
    ['workers/issuer/feed/object.ts', 'The Durable Object of the revocation log.'],
    ['workers/issuer/feed/entries.ts', 'Appends the entry and extends the chain.'],
    ['workers/issuer/feed/archive-sync.ts', 'Copies the entry to the archive.'],
    ['workers/issuer/feed/heads.ts', 'Signs the next head.'],
    ['workers/issuer/feed/effect.ts', 'Computes by when each tier enforces it.'],
    ['workers/issuer/audit/owed-records.ts', 'Delivers the record to the audit log.'],
    ['src/feed/client/client.ts', 'The verifier polls, or asks the log for a tier 3 call.'],
    ['src/feed/client/catch-up.ts', 'Fetches the head, and the deltas or the snapshot.'],
    ['src/feed/replica/update.ts', 'Verifies the chain of records up to the head.'],
    ['src/feed/replica/replica.ts', 'Applies them.'],
    ['src/verifier/verifier.ts', 'Denies the next call with `revoked`.'],
  ],
} as const satisfies Readonly<Record<string, readonly Step[]>>;

/** Returns a renderer of one path as a numbered table. */
export const renderPath = (name: keyof typeof PATHS) => (): string =>
  markdownTable(
    ['', 'file', 'what it does'],
    PATHS[name].map(([file, role], index) => [
      String(index + 1),
      `[\`${file}\`](../../${file})`,
      role,
    ]),
  );
