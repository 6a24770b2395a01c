/**
 * Whether a Worker can serve: what `/healthz` and `/readyz` answer, at the issuer and the gateway.
 */
export {
  answerAlive,
  answerReady,
  type ReadyCheck,
  readinessSchema,
} from './readiness.ts';
export { RememberedChecks } from './remembered.ts';
