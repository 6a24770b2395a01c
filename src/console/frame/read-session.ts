import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import type { powersOf } from '../../operators/index.ts';

/** The person who is signed in, and what this person may do. */
export interface Session {
  readonly name: string;
  readonly roles: readonly string[];
  readonly may: ReturnType<typeof powersOf>;
  readonly endsAt?: UnixMilliseconds;
  /** How many questions of agents, and orders of others, wait for an answer of this person. */
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
  readonly waiting: number;
}

/** Returns the session as the pages have it. */
export function readSession(answer: unknown): Session {
  const { name, kind, roles, may, ends_at, waiting, two_people } = answer as SessionAnswer;
  return {
    name,
    roles: [...new Set(roles.map(({ role }) => role))],
    may,
    waiting,
    twoPeople: two_people ?? [],
    canSignOut: kind === 'session',
    ...(ends_at !== undefined && { endsAt: toMilliseconds(ends_at) }),
  };
}
