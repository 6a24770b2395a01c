import type { Catalogue } from '../../catalogue/index.ts';
import { type Profile, type Proposal, wholeGrants } from '../../observe/index.ts';
import type { Policy, PolicyInput } from '../../policy/index.ts';
import { toPrincipal } from '../policy/request.ts';

/** A grant that the present policy and the proposal decide differently. */
export interface GrantChange {
  readonly agent: string;
  readonly task?: string;
  readonly tool: string;
  readonly dataset: string;
  /** `granted`, with its constraints, or the code of the refusal. */
  readonly before: string;
  readonly after: string;
}

/**
 * Decides under both policies what each kind of workflow could request: the grants of the proposal,
 * and every tool of the catalogue on the whole of what it touches.
 */
export function compareGrants(
  { profiles }: Proposal,
  catalogue: Catalogue,
  before: Policy | undefined,
  after: Policy,
  at: { readonly audience: string; readonly now: Date },
): readonly GrantChange[] {
  return profiles.flatMap((profile) =>
    grantsOf(profile, catalogue).flatMap((grant): readonly GrantChange[] => {
      const { agent, task, userIssuer } = profile;
      const workload = toPrincipal(agent);
      const input: PolicyInput = {
        workload,
        ...(userIssuer !== undefined && { user: toPrincipal(`${userIssuer}#someone`) }),
        task: task ?? 'any task',
        ...at,
        requests: [grant],
      };
      const [was, is] = [before ? verdictOf(before, input) : 'no policy', verdictOf(after, input)];
      const isRefused = (verdict: string) => !verdict.startsWith('granted');
      if (was === is || (isRefused(was) && isRefused(is))) return [];
      const { tool, dataset } = grant;
      const named = { agent, ...(task !== undefined && { task }) };
      return [{ ...named, tool, dataset, before: was, after: is }];
    }),
  );
}

function verdictOf(policy: Policy, input: PolicyInput): string {
  const { granted, refused } = policy.decide(input);
  const [grant] = granted;
  if (!grant) return refused[0]?.code ?? 'refused';
  const { constraints } = grant.grant.constraints ?? {};
  return constraints ? `granted with ${JSON.stringify(constraints)}` : 'granted';
}

function grantsOf({ tools: learned }: Profile, catalogue: Catalogue): PolicyInput['requests'] {
  const proposed = learned.flatMap(({ tool, action, datasets }) =>
    datasets.map((dataset) => ({ tool, action, dataset })),
  );
  const all = [...proposed, ...wholeGrants(catalogue)];
  const keyOf = ({ tool, dataset }: (typeof all)[number]) => JSON.stringify([tool, dataset]);
  return [...new Map(all.map((grant) => [keyOf(grant), grant])).values()];
}
