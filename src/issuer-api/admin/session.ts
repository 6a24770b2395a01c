import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import { count, nameOf, reason, unixSeconds } from '../values.ts';

const names = v.optional(v.array(v.string()));
const limits = { owners: names, tools: names };

export const SESSION_ROUTES = {
  showSession: {
    method: 'GET',
    path: '/session',
    summary: 'Shows who the caller is, what they may do, and how much waits for an answer.',
    description:
      'Limits of several roles are joined in `may`. Each route decides exactly, so it may refuse what `may` offers.',
    needs: 'none',
    params: {},
    answer: v.object({
      name: v.pipe(v.string(), v.description('as records have it')),
      kind: v.picklist(['session', 'access', 'capability', 'credential']),
      source: v.picklist(['console', 'cli', 'api']),
      roles: v.array(v.object({ role: v.string(), ...limits })),
      may: v.pipe(
        v.record(v.string(), v.union([v.literal(true), v.object(limits)])),
        v.description('permissions: true, or the owners and tools that they are limited to'),
      ),
      two_people: v.pipe(
        v.array(v.string()),
        v.description('the permissions whose orders wait for a second person'),
      ),
      ends_at: v.pipe(v.optional(unixSeconds), v.description('the end of the session')),
      waiting: v.pipe(
        count,
        v.description('how many questions, and orders of others, wait for an answer of the caller'),
      ),
    }),
    problems: [],
  },
  endSession: {
    method: 'DELETE',
    path: '/session',
    summary: 'Ends the session of the caller. Does nothing for a credential.',
    needs: 'none',
    params: {},
    status: 204,
    problems: [],
  },
  listSessions: {
    method: 'GET',
    path: '/sessions',
    summary: 'Lists who is signed in, the newest session first.',
    needs: 'read',
    params: {},
    answer: v.object({
      sessions: v.array(
        v.object({
          name: v.string(),
          source: v.picklist(['console', 'cli', 'api']),
          own: v.pipe(v.boolean(), v.description('whether the request came with it')),
          roles: v.array(v.string()),
          begun: unixSeconds,
          ends_at: unixSeconds,
        }),
      ),
    }),
    problems: [],
  },
  endSessionsOf: {
    method: 'POST',
    path: '/sessions/end',
    summary: 'Ends every session of a person, and stops the operator capabilities they made.',
    description:
      'It is in force when the answer arrives. The person can sign in again: take the rule that gives the role away as well. A session by Cloudflare Access is ended there.',
    needs: 'end-session',
    params: {},
    body: v.strictObject({
      name: nameOf(4_096, 'the person, as records and the list of sessions have it'),
      reason,
    }),
    answer: v.object({ name: v.string(), sessions: count, capabilities: count }),
    problems: [],
  },
} as const satisfies AdminRoutes;
