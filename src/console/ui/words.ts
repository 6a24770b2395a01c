/** The words of the console that need an explanation. Each is explained where it stands. */
export const WORDS = {
  agent:
    'A piece of software that has proven its identity, such as spiffe://acme.example/agents/analyst.',
  budget: 'How much one workflow may do at most, whatever it is talked into.',
  capability:
    'The token that carries the grants. An agent narrows it for each call without asking anybody, and can never widen it.',
  catalogue: 'The list of tools: what each does, to which datasets, and how bad that can get.',
  checkpoint: 'A signed statement of how many records a log has, and of their joint fingerprint.',
  denial: 'A call that a verifier refused. It did not reach the API.',
  deviation:
    'A rule that stops a workflow by itself, such as three out-of-scope denials within a minute.',
  digest:
    'A fingerprint of exactly what was shown to you. Your answer carries it, so it can approve nothing else.',
  drill: 'A test workflow that is stopped every minute, to prove that stops arrive in time.',
  effect: 'What became of an allowed call: answered, failed, or unknown where the answer was lost.',
  'four eyes':
    'What opens something needs a second person. What stops something never waits for one.',
  grant:
    'What the policy allowed to a workflow: a tool, an action, a dataset, and limits on the arguments.',
  head: 'The newest signed statement of the trust feed. A verifier whose head is too old refuses.',
  narrowed: 'Cut down for one call: to a tool, a dataset, exact arguments, and about 30 seconds.',
  'operator capability':
    'A token by which a person lets someone else do a part of what the person may do here, until a certain time.',
  owner: 'The team that answers for the workflow.',
  policy:
    'The rules by which the issuer decides what an agent is given. Loaded and activated as one version with the catalogue.',
  revoked: 'Stopped for good. Nothing brings it back.',
  sink: 'An argument that says where something goes: a recipient, a path, an address, an amount.',
  'step-up': 'An agent asks for more than its workflow has, for exactly the values of this call.',
  subject: 'The person or system on whose behalf the workflow runs.',
  suspended:
    'Stopped for now. Tokens handed out before stay dead; after it is resumed, the agent fetches another.',
  tier: 'How fresh a verifier’s list of stops must be for this kind of call. 0: public read, up to 300 s old. 1: internal read, 60 s. 2: write, 15 s. 3: irreversible, asked every time.',
  trail:
    'The record of every grant, decision, effect, answer and order, in logs that no one can change without it showing.',
  'trust feed': 'The signed list of keys and stops that every verifier keeps a copy of.',
  verifier:
    'What decides each call, beside the API or the MCP server. It decides from the token and its own copy of the trust feed.',
  watermark:
    'Stops everything of a kind (an agent, an owner, a tool) that was issued before a moment.',
  witness: 'An outside party that signs checkpoints, so that no one can show two histories.',
  workflow:
    'One run of one task, by one or more agents, for one person or system. It has an id, an end, and budgets, and it is what you stop.',
} as const satisfies Readonly<Record<string, string>>;

export type Word = keyof typeof WORDS;
