/** Inside the project: what the `protect` of each place is made of. */
export { thenSettle, withHeaders } from './answer-request.ts';
export { createProtection } from './create-protection.ts';
export { followFeed } from './follow-feed.ts';
export type { IssuerService } from './issuer-fetch.ts';
export { protect, protectWith } from './protect.ts';
export {
  PROTECT_OPTIONS,
  type ProtectKillOptions,
  type ProtectOptions,
  readProtectOptions,
} from './protect-options.ts';
export type {
  Decided,
  DescribedRequest,
  OpenCall,
  ProtectedCall,
  ProtectedHandler,
  Protection,
  RoutedRequest,
  RouteJudge,
  UndescribedCall,
} from './protection.ts';
export type { ProtectionOptions } from './protection-options.ts';
export type {
  CallFacts,
  CallOutcome,
  DecisionRecorder,
  RecordedCall,
  RequestFacts,
} from './recorder.ts';
export type { Route, RouteInput, RouteMode, RouteValue } from './route.ts';
