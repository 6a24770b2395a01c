/** What routes that observe have recorded: a report, and the policy that would allow the calls. */

export { learn } from './learn.ts';
export { type Measure, measure } from './measure.ts';
export { type ObservedCall, observedCallOf } from './observed-call.ts';
export {
  LEARN_SETTINGS,
  type LearnedTool,
  type LearnSettings,
  type Profile,
  type Proposal,
} from './proposal.ts';
export { renderCases } from './render-cases.ts';
export { renderPolicy } from './render-policy.ts';
export { callerOf, type ObserveReport, type ReportRow, reportOf } from './report.ts';
export { wholeGrants } from './whole-grants.ts';
