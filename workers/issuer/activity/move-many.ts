import { readClock } from '../../../src/clock.ts';
import type { ADMIN_API, RouteAnswer, RouteInput } from '../../../src/issuer-api/index.ts';
import { PROBLEMS } from '../../../src/issuer-api/index.ts';
import { ok, type Result } from '../../../src/result.ts';
import { requireScope } from '../operators/scope.ts';
import type { AdminContext } from '../platform/admin-context.ts';
import { activity, workflowOf } from '../platform/env.ts';
import type { ActivityFilter, IndexedWorkflow } from './binding.ts';
import { describeAsOf, describeWorkflow } from './describe.ts';
import { readPosition, writePosition } from './position.ts';

type Route = (typeof ADMIN_API)['selectors']['revokeMany'];
type Answer = RouteAnswer<Route>;
type Done = Answer['done'][number];
type Skipped = Answer['skipped'][number];
type Move = 'suspend' | 'resume' | 'revoke';

/** Each is a request to an object that writes to the feed and waits for it. */
const MOVED_PER_REQUEST = 25;

/** States from which a move is not possible, so that a dry run can say it. */
const IMPOSSIBLE: Readonly<Record<Move, (state: IndexedWorkflow['state']) => boolean>> = {
  suspend: (state) => state !== 'active' && state !== 'completing',
  resume: (state) => state !== 'suspended',
  revoke: (state) => ['revoked', 'completed', 'failed', 'expired'].includes(state),
};

/**
 * Moves a part of the workflows that a selector matches, the newest first. The list is read once
 * before anything is moved, and goes by the begin of workflows, which no move changes: what the
 * next part begins after stays the same.
 */
export async function moveMany(
  move: Move,
  { reason, selector, dry_run, after }: RouteInput<Route>['body'],
  context: AdminContext,
): Promise<Result<Answer, never>> {
  const { env } = context;
  const position = after === undefined ? undefined : readPosition(after);
  const filter: ActivityFilter = selector;
  const page = await activity(env).list(filter, position, MOVED_PER_REQUEST);
  const now = readClock();
  const asked = await Promise.all(
    page.workflows.map(async (workflow) => ({
      workflow,
      foreign: await foreignTo(context, move, workflow),
      impossible: skippedOf(move, workflow),
    })),
  );
  // A person sees lists anyway. To a capability, workflows of others do not exist.
  const shown = context.operator.capability ? asked.filter(({ foreign }) => !foreign) : asked;
  const judged = shown.map(({ workflow, foreign, impossible }) => ({
    workflow,
    skipped: impossible ?? foreign,
  }));
  const allowed = judged.flatMap(({ workflow, skipped }) => (skipped ? [] : [workflow]));
  const moved = dry_run
    ? []
    : await Promise.all(allowed.map(({ id }) => moveOne(move, id, reason, context)));
  const last = page.workflows.at(-1);
  return ok({
    matched: judged.map(({ workflow }) => describeWorkflow(workflow, now)),
    done: moved.filter(isDone),
    skipped: [...judged.flatMap(({ skipped }) => skipped ?? []), ...moved.filter(isSkipped)],
    ...(!page.isEnd && last && { next: writePosition(last) }),
    as_of: describeAsOf(page.asOf),
  });
}

const isDone = (one: Done | Skipped): one is Done => 'state' in one;
const isSkipped = (one: Done | Skipped): one is Skipped => 'code' in one;

function skippedOf(move: Move, { id, state }: IndexedWorkflow): Skipped | undefined {
  return IMPOSSIBLE[move](state)
    ? { id, code: 'move_refused', words: `The workflow is ${state}.` }
    : undefined;
}

/** An operator who is limited to some owners reaches only theirs. */
async function foreignTo(
  context: AdminContext,
  move: Move,
  { id, owner }: IndexedWorkflow,
): Promise<Skipped | undefined> {
  const scope = await requireScope(context, move, owner === undefined ? {} : { owner });
  const whose = owner === undefined ? 'an unknown owner' : owner;
  return scope.ok
    ? undefined
    : { id, code: 'not_for_your_role', words: `Your role does not cover ${whose}.` };
}

async function moveOne(
  move: Move,
  id: string,
  reason: string,
  { env, actor, via }: AdminContext,
): Promise<Done | Skipped> {
  const object = workflowOf(env, id);
  if (move === 'revoke') {
    const revoked = await object.revoke(id, { actor, via, reason });
    if (!revoked.ok) return { id, code: revoked.error.code, words: wordsOf(revoked.error.code) };
    const { epoch, seq } = revoked.value;
    return { id, state: 'revoked', epoch, seq };
  }
  const moved = await object.move(id, { move, by: 'operator', actor, via, reason });
  if (!moved.ok) return { id, code: moved.error.code, words: wordsOf(moved.error.code) };
  const { state, epoch, seq } = moved.value;
  return {
    id,
    state,
    ...(epoch !== undefined && { epoch }),
    ...(seq !== undefined && { seq }),
  };
}

const wordsOf = (code: keyof typeof PROBLEMS): string => PROBLEMS[code].message;
