import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doorsOf, isWorkerDoor } from '../../../scripts/doors.ts';
import { A2A } from './a2a.ts';
import { EXPRESS, HONO, MCP } from './adapters.ts';
import { AGENT, CAPABILITIES } from './agent.ts';
import { AUDIT } from './audit.ts';
import { AUTHZEN } from './authzen.ts';
import { FEEDS, NODE, VERIFIERS } from './edge.ts';
import { ENGINE } from './engine.ts';
import { NODE_SOURCES, SOURCES } from './identity.ts';
import { POLICY } from './policy.ts';
import { DPOP, SIGNALS } from './signals.ts';
import { TESTING } from './testing.ts';
import type { Walk } from './walk.ts';

const AT: Readonly<Record<string, readonly Walk[]>> = {
  a2a: A2A,
  audit: AUDIT,
  authzen: AUTHZEN,
  agent: [...AGENT, ...SOURCES, ...CAPABILITIES.filter(({ name }) => name === 'narrow')],
  'agent/node': NODE_SOURCES,
  capability: CAPABILITIES,
  verifier: VERIFIERS,
  'verifier/node': NODE,
  express: EXPRESS,
  feed: FEEDS,
  hono: HONO,
  mcp: MCP,
  dpop: DPOP,
  policy: POLICY,
  signals: SIGNALS,
  testing: TESTING,
  biscuit: ENGINE,
};
const WALKS = [...new Set(Object.values(AT).flat())];

/**
 * Functions without an object of named members that the caller writes: they take single values,
 * tokens, wire formats and results of other functions. A new function is added here, or is walked.
 */
const WITHOUT_OPTIONS: Readonly<Record<string, string>> = {
  a2a: 'handOffExtension nextHolderOf',
  agent: `
    ConnectFailed createDpopKey identityFrom NarrowingFailed neededGrants neededGrantsOf provingFetch
    deriveDpopKey receiveHandOff
  `,
  'agent/node': 'fileIdentity identitySourceOf kubernetesIdentity',
  audit: `
    decisionLogOf findLogFault findTrailFault hashable isLogName isPartDigest linkInput logKindOf
    isEarlierOrigin logOf logsBaseOf nextControlLog originOf readVerifierRecord ShardedOutbox
    recordClassOf RecordOutbox refusedPartyOf storedForm toDecisionRecord toDispatchRecord toOutcomeRecord
  `,
  biscuit: `
    appendThirdPartyBlock array blockBytes blockSigner bool bytes compileRegex createThirdPartyRequest date
    decide describeWorld fact generateKeyPair integer map narrow printAuthorizer printBlock
    printCheck printFact printPolicy printPublicKey printRule printTerm privateKeyFromBytes
    privateKeyFromJwk privateKeyFromText privateKeyToJwk publicKeyFromBytes publicKeyFromJwk
    publicKeyFromText publicKeyThumbprint publicKeyToJwk publicKeyToText query queryAll referenceVariant seal set
    string testRegex variable
  `,
  capability: `
    appendApproval inspectToken readApprovals grantReads groupReads isGrantCount separateReads argumentNodes argumentsDigest callFacts checkAudience checkDataset checkGrants checkPlainDataset
    decodeDatasetName encodeDatasetName encodeDatasetSegment encodeDatasetUrl
    checkPath checkTool constraintsText covers DatalogWriter ipBits isAbsent boundsMember isAction coversGrant
    mintedCatalogue rangeBits joinConstraints joinRequired coversConstraints boundsSink lintConstraint mayLack
    memberOf
    openToken parseArgumentConstraints parseByPointer pinSinks readScope listedValues originsAllowed shapeOf
    allowsOnlyNothing mergeGrants smallestBudgets valuesAllowed toBlock toMicros trustIssuer grantedDatasets hasForm readText uncoveredDataset uniteConstraints writeScope
  `,
  catalogue: `
    boundSinks sinkMarkAt datasetRoots definitionDigest catalogueKeys lintCatalogue describeCall describeCompletion describePrompt describeResource
    fetchVerified findCatalogueFaults findResource historyRules offersOf parseCatalogue toolDifferences tools
  `,
  dpop: 'createDpopKey createNonces deriveDpopKey seenProofs targetOf tokenHash',
  express: 'protectedCall',
  feed: `
    approverKeysOf catalogueOf encodeFeedFile FileFeed isDeniedTool receiptKeysOf ShardedFeed WatermarkSet WorkflowStops
  `,
  'feed/log': `
    auditExtension catalogueExtension chainInput checkpointExtension decodeRecords encodeEntry
    encodeMessage encodeSnapshot epochInput feedOrigin fitsHead fitsKeyList headPayload isEntry keyExtensions openingLeaf positionLeaf
    readKills signHead signKill unsignedLeaf
  `,
  mcp: 'scopeOf',
  'mcp/node': 'mcpMiddleware',
  policy: 'checkVersion datasetFault issuerFault PolicyInForce toolFault',
  signals: `
    afterPush packStatuses readPollRequest readPushAnswer statusAfter statusListClaims
    statusOf streamConfiguration toStreamRequest transmitterConfiguration
  `,
  tlog: `
    addSignatures bundlePath checkConsistency checkInclusion cosign decodeBundle decodeFrontier
    decodeTile encodeBundle encodeFrontier encodeTile equalHashes extendFrontier formatCheckpoint
    formatNote formatProofFile formatSignature formatVerifierKey formatWitnessRequest fromBase64
    frontierRoot leafHash monitoringPath nodeHash noteKey noteSigner openNote proveConsistency
    proveConsistencyIn proveInclusion proveInclusionIn quorumTime readBundlePath readCheckpoint
    readFrontier readNote readPolicy readProofFile readSignatures readTilePath readVerifierKey
    readWitnessAnswer requireQuorum rootOf sha256 signCheckpoint tilePath tilesCompletedAt
    tileWidth toBase64 verifyCheckpoint verifyProofFile verifySignatures
  `,
  verifier: `
    approvalOffer bearerToken challenge denialResponse invitesStepUp neededDetails readCredentials
    resourceMetadataUrl scopeParameter toWire withNeeded withNonce withResourceMetadata
  `,
  'verifier/node': 'floorFile',
};

/** Those of the library. The `sources.test.ts` of each Worker tests what its door accepts. */
const doors = doorsOf(JSON.parse(readFileSync('package.json', 'utf8'))).filter(
  (door) => !isWorkerDoor(door),
);

describe('every function of every door is listed in this test:', () => {
  test.each(doors)('%s', async (door, path) => {
    const plain = (WITHOUT_OPTIONS[door] ?? '').split(/\s+/);
    const walked = new Set(AT[door]?.map(({ name }) => name.split(':')[0]));
    const exported = Object.entries(
      (await import(/* @vite-ignore */ `../../../${path}`)) as Record<string, unknown>,
    ).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
    expect(exported.filter((name) => !walked.has(name) && !plain.includes(name))).toEqual([]);
  });
});

/** The result or the exception of a function, as one text. */
async function answerTo(run: () => unknown): Promise<string> {
  try {
    const answer = (await run()) as { readonly ok?: boolean; readonly error?: unknown } | undefined;
    return answer?.ok === false ? JSON.stringify(answer.error) : 'taken';
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
}

const COMPLAINT = /unknown member|is undefined|is missing|must be|(?:options|narrowing)_invalid/;

const withMember = (honest: Walk['honest'], name: string, value: unknown) =>
  Object.defineProperty({ ...honest }, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

/** Typing mistakes: another case, a plural, a missing letter, two swapped letters, a synonym. */
const slips = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...known), fc.nat({ max: 5 }), fc.nat()).map(([name, kind, seed]) => {
    const at = seed % Math.max(1, name.length - 1);
    if (kind === 0) return `${name}s`;
    if (kind === 1) return name.toUpperCase();
    if (kind === 2) return name.slice(0, at) + name.slice(at + 1);
    if (kind === 3)
      return `${name.slice(0, at)}${name[at + 1] ?? ''}${name[at] ?? ''}${name.slice(at + 2)}`;
    return kind === 4 ? `_${name}` : `${name} `;
  });
const strange = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom('toString', 'constructor', 'hasOwnProperty', 'then', 'datasets', 'arguments'),
);

describe.each(WALKS)('$name', ({ honest, optional, read }) => {
  const known = Object.keys(honest);
  const answer = (given: Walk['honest']) => answerTo(() => read(given));

  test('accepts every member that it knows, and requires no optional one', async () => {
    expect(await answer({ ...honest })).not.toMatch(COMPLAINT);
    const least = known.filter((name) => !optional.includes(name));
    if (least.length === 0) return;
    const given = Object.fromEntries(least.map((name) => [name, honest[name]]));
    expect(await answer(given)).not.toMatch(COMPLAINT);
  });

  test('rejects an unknown member', async () => {
    const taken = await answer({ ...honest });
    const names = fc.oneof(slips(known), strange).filter((name) => !known.includes(name));
    const values = fc.constantFrom<unknown>(1, 'x', null, {});
    await fc.assert(
      fc.asyncProperty(names, values, async (name, value) => {
        const refused = await answer(withMember(honest, name, value));
        expect([name, refused]).not.toEqual([name, 'taken']);
        expect([name, refused]).not.toEqual([name, taken]);
      }),
      { numRuns: 40 },
    );
  });

  test.each(known)('rejects `%s` if it is undefined', async (name) => {
    const taken = await answer({ ...honest });
    const refused = await answer(withMember(honest, name, undefined));
    expect(refused).not.toBe('taken');
    expect(refused).not.toBe(taken);
  });

  test('rejects a missing required member', async () => {
    const taken = await answer({ ...honest });
    for (const name of known.filter((one) => !optional.includes(one))) {
      const { [name]: _, ...others } = honest;
      const refused = await answer(others);
      expect([name, refused]).not.toEqual([name, 'taken']);
      expect([name, refused]).not.toEqual([name, taken]);
    }
  });
});
