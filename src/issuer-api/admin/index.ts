/** Every admin route, by feature. A feature is added here, and the compiler names its router. */
import { ACTIVITY_ROUTES } from './activity.ts';
import { APPROVAL_ROUTES } from './approvals.ts';
import { AUDIT_ROUTES } from './audit.ts';
import { CAPABILITY_ROUTES } from './capabilities.ts';
import { DENIAL_ROUTES } from './denials.ts';
import { DRILL_ROUTES } from './drill.ts';
import { EXPLANATION_ROUTES } from './explanations.ts';
import { HEALTH_ROUTES } from './health.ts';
import { KEY_ROUTES } from './keys.ts';
import { NOTIFICATION_ROUTES } from './notifications.ts';
import { PASSKEY_ROUTES } from './passkeys.ts';
import { PEOPLE_ROUTES } from './people.ts';
import { POLICY_ROUTES } from './policy.ts';
import { PROOF_ROUTES } from './proofs.ts';
import { PROPOSAL_ROUTES } from './proposals.ts';
import { QUESTION_ROUTES } from './questions.ts';
import { RULE_ROUTES } from './rules.ts';
import { SESSION_ROUTES } from './session.ts';
import { STATUS_ROUTES } from './status.ts';
import { STREAM_ROUTES } from './streams.ts';
import { VERSION_ROUTES } from './versions.ts';
import { WATERMARK_ROUTES } from './watermarks.ts';
import { SELECTOR_ROUTES } from './workflow-selectors.ts';
import { WORKFLOW_ROUTES } from './workflows.ts';

export { ANSWERS_LISTED_MAX } from './approvals.ts';
export { OPERATOR_CAPABILITY_ID } from './capabilities.ts';
export { DENIAL_SCOPES } from './denials.ts';
export { VERIFIERS_SHOWN_MAX } from './health.ts';
export type { SentPasskeyAnswer } from './passkeys.ts';
export { ENTRIES_PER_PAGE_MAX, logOfPath } from './proofs.ts';
export { type Proposal, proposal } from './proposals.ts';
export { NAMES_PER_PAGE_MAX } from './questions.ts';

export const ADMIN_API = {
  session: SESSION_ROUTES,
  proposals: PROPOSAL_ROUTES,
  capabilities: CAPABILITY_ROUTES,
  passkeys: PASSKEY_ROUTES,
  workflows: WORKFLOW_ROUTES,
  selectors: SELECTOR_ROUTES,
  activity: ACTIVITY_ROUTES,
  explanations: EXPLANATION_ROUTES,
  rules: RULE_ROUTES,
  approvals: APPROVAL_ROUTES,
  watermarks: WATERMARK_ROUTES,
  denials: DENIAL_ROUTES,
  keys: KEY_ROUTES,
  audit: AUDIT_ROUTES,
  people: PEOPLE_ROUTES,
  proofs: PROOF_ROUTES,
  status: STATUS_ROUTES,
  streams: STREAM_ROUTES,
  drill: DRILL_ROUTES,
  notifications: NOTIFICATION_ROUTES,
  versions: VERSION_ROUTES,
  questions: QUESTION_ROUTES,
  policy: POLICY_ROUTES,
  health: HEALTH_ROUTES,
} as const;

export type AdminApi = typeof ADMIN_API;
