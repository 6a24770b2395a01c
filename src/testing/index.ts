/** For unit tests of a protected API: an issuer in memory, with its feed and its clock. */
export type { TestClock } from './clock.ts';
export type { TestFeed, TestWatermark } from './feed.ts';
export type { HeldRequest, TestHolder } from './holder.ts';
export {
  type TestCapability,
  type TestIssuer,
  type TestIssuerOptions,
  testIssuer,
} from './issuer.ts';
