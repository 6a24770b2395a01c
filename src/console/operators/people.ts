import { toMilliseconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
import { plural } from '../plural.ts';

/** A session of an operator, as the issuer answers. */
export interface Session {
  readonly name: string;
  readonly source: 'console' | 'cli' | 'api';
  /** Whether it is the session of this page. An issuer of a release before does not say it. */
  readonly own?: boolean | undefined;
  readonly roles: readonly string[];
  readonly begun: UnixSeconds;
  readonly ends_at: UnixSeconds;
}

/** A person with every session: an order ends all of a person's sessions. */
export interface Person {
  readonly name: string;
  readonly roles: readonly string[];
  readonly isYou: boolean;
  readonly sessions: readonly ShownSession[];
}

interface ShownSession {
  readonly where: string;
  readonly begun: UnixMilliseconds;
  readonly ends: UnixMilliseconds;
  readonly isOwn: boolean;
}

const SOURCES: { readonly [From in Session['source']]: string } = {
  console: 'Console',
  cli: 'Command line',
  api: 'Admin API',
};

/** Returns the people who are signed in: this user first, then those with the newest sessions. */
export function peopleOf(sessions: readonly Session[], you: string): readonly Person[] {
  const names = [...new Set(sessions.map(({ name }) => name))];
  const people = names.map((name): Person => {
    const own = sessions.filter((session) => session.name === name);
    return {
      name,
      // The rules of today give the same roles to sessions with the same claims.
      roles: [...new Set(own.flatMap(({ roles }) => roles))],
      isYou: name === you,
      sessions: own.map(({ source, begun, ends_at: ends, own: isOwn = false }) => ({
        where: SOURCES[source],
        begun: toMilliseconds(begun),
        ends: toMilliseconds(ends),
        isOwn,
      })),
    };
  });
  return people.toSorted((a, b) => Number(b.isYou) - Number(a.isYou));
}

/** Returns what an order has ended, in words. */
export const endedWords = (sessions: number, capabilities: number): string =>
  `${plural(sessions, 'session')} ended, ${plural(capabilities, 'operator capability', 'operator capabilities')} stopped`;
