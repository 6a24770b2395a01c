import * as v from 'valibot';
import { APPROVED_CALL_SECONDS_MAX, APPROVED_CALLS_MAX } from '../../limits.ts';
import { APPROVAL_ID, APPROVED_CALL_ID, count } from '../values.ts';
import type { PublicRoutes } from './route.ts';

const JSON_TYPE = 'application/json';
/** As long as any tool of a grant. */
const TOOL_CHARACTERS_MAX = 512;

const problem = (description: string) => ({
  description,
  contentType: JSON_TYPE,
  schema: v.object({ error: v.string(), message: v.string() }),
});

/** What an agent sends: the calls with all their arguments, and the id of an earlier question. */
export const CALLS_TO_APPROVE = v.strictObject({
  calls: v.pipe(
    v.array(
      v.strictObject({
        tool: v.pipe(
          v.string(),
          v.minLength(1),
          v.maxLength(TOOL_CHARACTERS_MAX),
          v.description('the tool, as the catalogue names it'),
        ),
        args: v.pipe(
          v.record(v.string(), v.unknown()),
          v.description('all arguments, exactly as the call will have them'),
        ),
      }),
    ),
    v.minLength(1),
    v.maxLength(APPROVED_CALLS_MAX),
    v.description(`1 to ${APPROVED_CALLS_MAX} calls, which one person approves together`),
  ),
  approval: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(APPROVAL_ID),
      v.description('the id of the question, to ask for its answer with the same calls'),
    ),
  ),
});

export const CALL_APPROVAL_ROUTES = {
  approveCalls: {
    method: 'POST',
    path: '/workflows/v1/:id/approvals',
    summary:
      'Asks a person to approve single calls, or asks for the answer, and waits for it as long as `Prefer: wait` says, up to 20 seconds. The capability may be narrowed: the approval fits exactly the token that this request was made with.',
    specification: 'docs/reference/call-approval.md',
    caller: 'capability',
    request: { contentType: JSON_TYPE, schema: CALLS_TO_APPROVE },
    answers: {
      200: {
        description: 'Approved: the block to append to the token of this request',
        contentType: JSON_TYPE,
        schema: v.object({
          block: v.pipe(v.string(), v.description('`ThirdPartyBlockContents`, in base64url')),
          until: v.pipe(
            v.number(),
            v.description(
              `Unix seconds from which no call is allowed with it: at most ${APPROVED_CALL_SECONDS_MAX} s`,
            ),
          ),
          calls: v.array(
            v.object({ id: v.pipe(v.string(), v.regex(APPROVED_CALL_ID)), tool: v.string() }),
          ),
        }),
      },
      202: {
        description: 'A person has not answered yet: send the same calls again with `approval`',
        contentType: JSON_TYPE,
        schema: v.object({
          approval: v.pipe(v.string(), v.regex(APPROVAL_ID)),
          expires_in: count,
          interval: v.pipe(count, v.description('seconds between two requests')),
        }),
      },
      400: problem('The body is invalid, or the catalogue does not describe a call'),
      401: problem('The capability is no longer valid, not proven, or belongs to another workflow'),
      403: problem('A person refused, or no approval would allow a call'),
      409: problem('The question is another one, was answered already, or has ended'),
      413: problem('The body is too large for a person to read'),
      429: problem('Too many questions of this agent'),
      503: problem('The issuer has no key for approvals, or cannot decide'),
    },
  },
} as const satisfies PublicRoutes;
