import { ok } from '../../result.ts';
import { type Answer, send } from './api.ts';
import { readSession, type Session } from './read-session.ts';

export type { Session };

/** Asks the issuer who is signed in. */
export async function loadSession(): Promise<Answer<Session>> {
  const answer = await send('/admin/v1/session', 'GET');
  if (!answer.ok) return answer;
  return ok(readSession(answer.value));
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
