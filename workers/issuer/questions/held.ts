import type { Grant } from '../../../src/capability/index.ts';
import { readSeconds, toMilliseconds } from '../../../src/clock.ts';
import { isTerminal } from '../../../src/lifecycle/index.ts';
import { type About, heldBy } from '../../../src/questions/index.ts';
import type { LivingScope, LivingWorkflow } from '../log/binding.ts';
import { livingPage } from '../log/control-logs.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import type { WorkflowView } from '../workflow/binding.ts';
import { timeOf } from './lists.ts';

const HELD_MAX = 500;
/** Pages of living workflows that one question reads. */
const PAGES_MAX = 10;
/** Workflows that have more than their first mint, whose objects are asked. */
const VIEWS_MAX = 100;

/** A grant that a living workflow holds. */
export interface Held {
  readonly workflow: string;
  readonly state: LivingWorkflow['state'];
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly task: string;
  readonly grant: Grant;
  readonly began_at: string;
  readonly ends_at: string;
}

export interface AllHeld {
  readonly held: readonly Held[];
  readonly isComplete: boolean;
}

/** Returns the grants of living workflows that a question is about. */
export async function heldNow(env: IssuerEnv, about: About): Promise<AllHeld> {
  const held: Held[] = [];
  const scope = scopeOf(about);
  let [after, views] = ['', VIEWS_MAX];
  for (let page = 0; page < PAGES_MAX; page++) {
    const { workflows, next } = await livingPage(env, {
      ...(scope && { scope }),
      ...(after !== '' && { after }),
    });
    for (const living of workflows) {
      if (isTerminal(living.state) || living.ends < readSeconds()) continue;
      const parties = living.hasMore && views > 0 ? await viewsOf(env, living, views) : [];
      views -= parties.length;
      held.push(
        ...(parties.length > 0 ? parties : [living]).flatMap((one) => grantsIn(one, about)),
      );
    }
    const isEnd = next === undefined;
    if (isEnd || held.length >= HELD_MAX) {
      return {
        held: held.slice(0, HELD_MAX),
        isComplete: isEnd && held.length <= HELD_MAX && views > 0,
      };
    }
    after = next;
  }
  return { held, isComplete: false };
}

/** One party is enough to narrow the rows that are read. A dataset is compared afterwards. */
function scopeOf({ agent, tool }: About): LivingScope | undefined {
  if (agent !== undefined) return { scope: 'agent', value: agent };
  return tool === undefined ? undefined : { scope: 'tool', value: tool };
}

/** What a root or a child holds. */
type Holder = Pick<LivingWorkflow, 'start' | 'state' | 'ends'>;

/** Asks the object of a workflow for everything that it and those below it were granted. */
async function viewsOf(
  env: IssuerEnv,
  { start: { id } }: LivingWorkflow,
  most: number,
): Promise<readonly Holder[]> {
  const found: Holder[] = [];
  const waiting = [id];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.length >= most) break;
    const view = (await workflowOf(env, next).view(next)) as WorkflowView | undefined;
    if (!view) continue;
    waiting.push(...view.children);
    if (!isTerminal(view.state)) found.push({ start: view, state: view.state, ends: view.expires });
  }
  return found;
}

function grantsIn({ start, state, ends }: Holder, about: About): readonly Held[] {
  const { id, agent, subject, owner, task, startedAt } = start;
  return heldBy({ agent, grants: start.grants }, about).map((grant) => ({
    workflow: id,
    state,
    agent,
    subject,
    owner,
    task,
    grant,
    began_at: timeOf(toMilliseconds(startedAt)),
    ends_at: timeOf(toMilliseconds(ends)),
  }));
}
