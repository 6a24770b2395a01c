import {
  type HeldRequest,
  type TestCapability,
  type TestIssuerOptions,
  type TestWatermark,
  testIssuer,
} from '../../../src/testing/index.ts';
import { AUDIENCE, AUTHORITY, at, ISSUER } from '../fixtures/issuer.ts';
import { type Walk, walk } from './walk.ts';

const { issuer: _, issuedAt: __, shard: ___, ...facts } = AUTHORITY;
const CAPABILITY: Required<TestCapability> = {
  ...facts,
  holder: 'a'.repeat(43),
  catalogue: 'a1'.repeat(32),
  prompt: 'b2'.repeat(32),
  seconds: 300,
};

export const TESTING: readonly Walk[] = [
  walk<TestIssuerOptions>(
    'testIssuer',
    { audience: AUDIENCE, issuer: ISSUER, now: at(0) },
    ['issuer', 'now'],
    testIssuer,
  ),
  walk<TestCapability>(
    'testIssuer: mint',
    CAPABILITY,
    [
      ...(['workflow', 'agent', 'subject', 'owner', 'task', 'gen', 'audience'] as const),
      ...(['ancestors', 'holder', 'catalogue', 'prompt', 'seconds'] as const),
    ],
    async (given) => (await testIssuer({ audience: AUDIENCE })).mint(given),
  ),
  walk<TestWatermark>(
    'testIssuer: watermark',
    { scope: 'agent', value: 'https://idp.example#agent', before: 1 },
    ['value', 'before'],
    async (given) => (await testIssuer({ audience: AUDIENCE })).feed.watermark(given),
  ),
  walk<HeldRequest>(
    'testIssuer: holder headers',
    { method: 'GET', url: AUDIENCE },
    [],
    async (given) =>
      (await (await testIssuer({ audience: AUDIENCE })).holder()).headers('t', given),
  ),
];
