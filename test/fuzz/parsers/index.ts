/** The campaigns, by their names in `npm run fuzz`. */
import { adminBodies } from './admin.ts';
import { challenges, obtaining, toolCalls } from './agent.ts';
import { argumentConstraints } from './argument-constraints.ts';
import { argumentFacts } from './arguments.ts';
import type { ParserCampaign } from './campaign.ts';
import { catalogueFile, describedCalls } from './catalogue.ts';
import { credentials } from './credentials.ts';
import { datasetNames } from './dataset-names.ts';
import { dpop } from './dpop.ts';
import { feed } from './feed.ts';
import { identities } from './identity.ts';
import { keyFiles, mintKeys } from './key-files.ts';
import { bundles, keySets } from './key-sets.ts';
import { mcpMessages } from './mcp.ts';
import { names } from './names.ts';
import { bytesAsText, pointers } from './pointers.ts';
import { policyFiles } from './policy.ts';
import { policyWork } from './policy-work.ts';
import { scope } from './scope.ts';
import { ipAddresses, textReadings } from './text-reading.ts';
import { tokenRequest } from './token-request.ts';
import { unverified } from './unverified.ts';

export const PARSERS: readonly ParserCampaign[] = [
  ...[dpop, unverified, identities, keySets, bundles],
  ...[
    tokenRequest,
    scope,
    names,
    datasetNames,
    argumentConstraints,
    argumentFacts,
    textReadings,
    ipAddresses,
  ],
  ...[catalogueFile, describedCalls, policyFiles, policyWork],
  ...[adminBodies, feed, challenges, toolCalls, obtaining, mcpMessages, credentials],
  ...[pointers, bytesAsText, keyFiles, mintKeys],
];
