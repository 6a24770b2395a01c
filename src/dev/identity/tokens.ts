import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { ok, type Result, refuse } from '../../result.ts';
import type { IdentityKey } from './key.ts';
import { issuerUrlOf, type Parties, type Party, qualifiedName } from './parties.ts';

const TOKEN_SECONDS = 3_600;
/** A client assertion may live for five minutes at most. */
const ASSERTION_SECONDS = 240;

/** A proof of identity for the issuer. */
export interface IdentityToken {
  readonly token: string;
  /** Whether it is a client assertion (RFC 7523), which replaces both tokens of an exchange. */
  readonly isAssertion: boolean;
  readonly expiresInSeconds: number;
}

export interface TokenRequest {
  readonly user?: string | undefined;
  readonly agent?: string | undefined;
}

export interface TokenScene {
  readonly base: string;
  /** The issuer of Hewn, for which all tokens are. */
  readonly audience: string;
  readonly key: IdentityKey;
  readonly parties: Parties;
}

/**
 * Issues the token of a user, or of an agent if there is no user. The token of a user lets the
 * agent of the request act for them (`may_act`). A text says which name is unknown.
 */
export async function issueToken(
  { base, audience, key, parties }: TokenScene,
  request: TokenRequest,
): Promise<Result<IdentityToken, string>> {
  const agent = find('agent', request.agent, parties.agents);
  const user = find('user', request.user, parties.users);
  if (!agent.ok) return agent;
  if (!user.ok) return user;
  const party = user.value ?? agent.value;
  if (party === undefined) return refuse('name a user, an agent, or both');
  const actor = user.value === undefined ? undefined : agent.value;
  const mayAct = actor && { may_act: { sub: qualifiedName(base, audience, actor) } };
  const isAssertion = party.entry.kind === 'client';
  const seconds = isAssertion ? ASSERTION_SECONDS : TOKEN_SECONDS;
  const token = await new SignJWT({ ...claimsOf(party, base), ...mayAct })
    .setProtectedHeader({ alg: 'ES256', kid: key.publicJwk.kid, typ: typeOf(party) })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${seconds}s`)
    .sign(key.privateKey);
  return ok({ token, isAssertion, expiresInSeconds: seconds });
}

const typeOf = ({ entry }: Party): string =>
  entry.kind === 'spiffe' || entry.kind === 'client' ? 'JWT' : 'at+jwt';

function claimsOf({ entry, subject, claims }: Party, base: string): Record<string, unknown> {
  if (entry.kind === 'spiffe') return { sub: subject };
  if (entry.kind === 'client') return { iss: subject, sub: subject, jti: randomUUID() };
  const subjectClaim = entry.subjectClaim ?? 'sub';
  return { sub: subject, ...claims, [subjectClaim]: subject, iss: issuerUrlOf(base, entry) };
}

function find(
  kind: 'user' | 'agent',
  name: string | undefined,
  parties: ReadonlyMap<string, Party>,
): Result<Party | undefined, string> {
  if (name === undefined) return ok(undefined);
  const party = parties.get(name);
  if (party !== undefined) return ok(party);
  const known = [...parties.keys()].join(', ') || 'none';
  return refuse(
    `there is no ${kind} ${JSON.stringify(name.slice(0, 64))} in hewn.toml: known are ${known}. A table [dev.${kind}s.NAME] adds one`,
  );
}
