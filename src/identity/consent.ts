import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';
import type { Identity, MayAct } from './identity.ts';

const ACTORS_RECORDED_MAX = 8; // Like the ancestors of a workflow.
const ACTOR_LENGTH_MAX = 512;

export interface ConsentError {
  readonly code: 'consent_missing';
  /** Nobody was named, or somebody else was. */
  readonly cause: 'no_actor' | 'other_actor';
}

/**
 * That the user lets this agent act. Without it, the weakest of the configured workloads could
 * spend every user's token that it gets hold of.
 *
 * A `may_act` in the user's token (RFC 8693 section 4.4) is about this one token, so it decides
 * alone; the operator's list for the user's issuer speaks where the token does not.
 */
export function checkConsent(user: Identity, agent: Identity): Result<null, ConsentError> {
  const { mayAct, allowedActors } = user;
  if (mayAct) {
    return isNamed(mayAct, user, agent)
      ? ok(null)
      : refuse({ code: 'consent_missing', cause: 'other_actor' });
  }
  if (allowedActors?.includes(agent.qualified)) return ok(null);
  return refuse({ code: 'consent_missing', cause: allowedActors ? 'other_actor' : 'no_actor' });
}

/**
 * Without `iss`, a `sub` is one of the user's own issuer, or the agent's whole name: another
 * issuer's subject of the same spelling is another agent.
 */
function isNamed({ sub, iss }: MayAct, user: Identity, agent: Identity): boolean {
  if (iss === undefined && sub === agent.qualified) return true;
  return sub === agent.subject && (iss ?? user.issuer) === agent.issuer;
}

/** The claim `may_act`; `invalid` where it is there and names nobody. */
export function readMayAct(claim: Json | undefined): MayAct | undefined | 'invalid' {
  if (claim === undefined) return undefined;
  if (!isJsonObject(claim)) return 'invalid';
  const { sub, iss } = claim;
  if (typeof sub !== 'string' || sub === '') return 'invalid';
  if (iss === undefined) return { sub };
  return typeof iss === 'string' && iss !== '' ? { sub, iss } : 'invalid';
}

/**
 * Who acted before, by the nested `act` claims of a subject token, newest first. It is for the
 * record and never for a decision (RFC 8693 section 4.1), so it is cut and not refused.
 */
export function readActors(payload: JsonObject): readonly string[] {
  const actors: string[] = [];
  let act = payload.act;
  while (act !== undefined && isJsonObject(act) && actors.length < ACTORS_RECORDED_MAX) {
    const { sub, iss } = act;
    const name = typeof sub === 'string' ? sub : '';
    actors.push(readable(typeof iss === 'string' ? `${iss}#${name}` : name));
    act = act.act;
  }
  return actors;
}

const HIDDEN = new RegExp(`[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]|${UNSEEN.source}`, 'gu');

const readable = (name: string): string =>
  name.slice(0, ACTOR_LENGTH_MAX).toWellFormed().replace(HIDDEN, '\u{FFFD}');
