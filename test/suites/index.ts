/** The suites that run in Node, inside workerd and in a browser. */
import { CHAINS } from './chains.ts';
import { officialSuite, vectorSuite } from './conformance.ts';
import type { SuiteData } from './data.ts';
import { HOSTILE_SUITE } from './hostile.ts';
import { PROPERTIES } from './properties.ts';
import type { SuiteTest } from './suite.ts';

export type { SuiteData } from './data.ts';
export type { SuiteTest } from './suite.ts';

export const OFFICIAL_ABSENT =
  'THE OFFICIAL CONFORMANCE DATA DID NOT RUN: test/conformance/folder.ts names a folder that does ' +
  'not exist. Get samples/ of github.com/eclipse-biscuit/biscuit and run: npm run conformance -- DIR';

export const suites = ({ official, vectors }: SuiteData): readonly SuiteTest[] => [
  ...(official === null ? [] : [officialSuite(official)]),
  vectorSuite(vectors),
  ...PROPERTIES,
  ...CHAINS,
  ...HOSTILE_SUITE,
];
