import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';
import type { Identity, MayAct } from './identity.ts';

const ACTORS_RECORDED_MAX = 8; // As many as a workflow has ancestors.
const ACTOR_LENGTH_MAX = 512;

export interface ConsentError {
  readonly code: 'consent_missing';
  /** Neither token nor configuration names an actor, or they name another one. */
  readonly cause: 'no_actor' | 'other_actor';
}

/**
 * Checks that the user lets this agent act for them. Without this check, the weakest configured
 * workload could use every user token that it gets hold of.
 *
 * A `may_act` claim in the user's token (RFC 8693 section 4.4) applies to exactly this token, so it
 * takes precedence. The operator's list for the user's issuer applies only if the claim is absent.
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
 * Without `iss`, `sub` is either a subject of the user's own issuer or the qualified name of the
 * agent. A subject of another issuer that is spelled the same is a different agent.
 */
function isNamed({ sub, iss }: MayAct, user: Identity, agent: Identity): boolean {
  if (iss === undefined && sub === agent.qualified) return true;
  return sub === agent.subject && (iss ?? user.issuer) === agent.issuer;
}

/** Reads the `may_act` claim; returns `invalid` if it is present and names no actor. */
export function readMayAct(claim: Json | undefined): MayAct | undefined | 'invalid' {
  if (claim === undefined) return undefined;
  if (!isJsonObject(claim)) return 'invalid';
  const { sub, iss } = claim;
  if (typeof sub !== 'string' || sub === '') return 'invalid';
  if (iss === undefined) return { sub };
  return typeof iss === 'string' && iss !== '' ? { sub, iss } : 'invalid';
}

/**
 * Reads earlier actors from the nested `act` claims of a subject token, newest first. They are
 * recorded and never decide anything (RFC 8693 section 4.1), so a long chain is truncated rather
 * than refused.
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
