/** What the docstrings of the public doors still lack. These lists only ever become shorter. */

type ByDoor = Readonly<Record<string, readonly string[]>>;

/** The exports that a reader of the documentation starts with: each has an `@example` that runs. */
export const MAIN_VERBS: ByDoor = {
  agent: [
    'obtainCapability',
    'narrow',
    'narrowingFetch',
    'provingFetch',
    'refreshing',
    'stepUp',
    'completeWorkflow',
    'createDpopKey',
  ],
  audit: ['findLogFault', 'findTrailFault', 'readVerifierRecord', 'RecordOutbox'],
  biscuit: [
    'generateKeyPair',
    'mint',
    'narrow',
    'seal',
    'parseBlock',
    'parseAuthorizer',
    'parseToken',
    'verifyToken',
    'parseAndVerify',
    'authorize',
  ],
  capability: ['checkGrants', 'parseConstraint', 'openToken', 'narrow'],
  catalogue: ['parseCatalogue', 'describeCall'],
  dpop: ['createDpopKey', 'signProof', 'checkProof', 'createNonces'],
  feed: [
    'FeedClient',
    'FeedSubscription',
    'FeedReporter',
    'ShardedFeed',
    'exportFeed',
    'openFeedFile',
  ],
  signals: ['readStatus'],
  verifier: ['createVerifier', 'guard', 'withResourceMetadata'],
  'verifier/node': ['floorFile', 'listener'],
};

export const WITHOUT_EXAMPLE: ByDoor = {};

export const UNDOCUMENTED: ByDoor = {};
