import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import type { powersOf } from '../../operators/index.ts';
import { ok } from '../../result.ts';
import { type Answer, send } from './api.ts';

/** The person who is signed in, and what this person may do. */
export interface Session {
  readonly name: string;
  readonly roles: readonly string[];
  readonly may: ReturnType<typeof powersOf>;
  readonly endsAt?: UnixMilliseconds;
  /** How many approvals and proposals wait for this person. */
  readonly waiting: number;
  /** The permissions whose orders wait for a second person. */
  readonly twoPeople: readonly string[];
  readonly canSignOut: boolean;
}

interface SessionAnswer {
  readonly name: string;
  readonly kind: string;
  readonly roles: readonly { readonly role: string }[];
  readonly may: Session['may'];
  readonly ends_at?: number;
  readonly two_people?: readonly string[];
  readonly waiting: { readonly approvals: number; readonly proposals: number };
}

/** Asks the issuer who is signed in. */
export async function loadSession(): Promise<Answer<Session>> {
  const answer = await send('/admin/v1/session', 'GET');
  if (!answer.ok) return answer;
  const { name, kind, roles, may, ends_at, waiting, two_people } = answer.value as SessionAnswer;
  return ok({
    name,
    roles: [...new Set(roles.map(({ role }) => role))],
    may,
    waiting: waiting.approvals + waiting.proposals,
    twoPeople: two_people ?? [],
    canSignOut: kind === 'session',
    ...(ends_at !== undefined && { endsAt: toMilliseconds(ends_at) }),
  });
}

/** Ends the session at the issuer, whose answer removes the cookie, and shows that it is over. */
export async function signOut(): Promise<void> {
  await fetch('/console/sign-out', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => undefined);
  location.reload();
}
