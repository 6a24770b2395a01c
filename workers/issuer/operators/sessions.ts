import { readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import {
  type Directory,
  type Operator,
  type OperatorSource,
  rolesOf,
} from '../../../src/operators/index.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import type { NewSession, Session } from './binding.ts';
import type { Person } from './person.ts';
import { hexDigest, newSessionToken } from './session-token.ts';

export interface Begun {
  /** The only copy: the issuer keeps its digest. */
  readonly token: string;
  readonly ends: UnixSeconds;
}

export interface SessionStart {
  readonly person: Person;
  readonly source: Extract<OperatorSource, 'console' | 'cli'>;
  readonly proof?: NewSession['proof'];
}

/** Begins a session of a person. Returns undefined if its proof began one before. */
export async function beginSession(
  env: IssuerEnv,
  directory: Directory,
  { person, source, proof }: SessionStart,
): Promise<Begun | undefined> {
  const token = newSessionToken();
  const begun = readSeconds();
  const ends = begun + directory.sessionMinutes * 60;
  const isNew = await operators(env).begin({
    digest: await hexDigest(token),
    session: { ...person, source, begun, ends },
    roles: rolesOf(directory, person).map(({ role }) => role),
    ...(proof && { proof }),
  });
  return isNew ? { token, ends } : undefined;
}

/** Returns the operator of a session, with the roles that the rules of today give. */
export const operatorOf = (directory: Directory, session: Session): Operator => ({
  name: session.name,
  kind: 'session',
  roles: rolesOf(directory, session),
  source: session.source,
  person: { provider: session.provider, claims: session.claims },
  endsAt: session.ends,
});
