import type { Catalogue } from '../../../src/catalogue/index.ts';
import { findPolicyFaults, type LoadOptions, loadPolicy } from '../../../src/policy/index.ts';
import { type Walk, walk } from './walk.ts';

const NO_TOOLS: Catalogue = new Map();
const FILES = [{ name: 'a.datalog', source: 'max_lifetime(300);' }];

export const POLICY: readonly Walk[] = Object.entries({ loadPolicy, findPolicyFaults }).map(
  ([name, load]) =>
    walk<LoadOptions>(name, { issuers: ['corporate-idp'] }, ['issuers'], (given) =>
      load(FILES, NO_TOOLS, given),
    ),
);
