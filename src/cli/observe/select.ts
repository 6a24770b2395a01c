import { groupBy } from '../../group-by.ts';
import { callerOf, type ObservedCall } from '../../observe/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** Whose calls count as honest. */
export interface Selection {
  readonly agent: readonly string[];
  readonly source: readonly string[];
}

/**
 * Returns the calls of the agents and sources that an operator named, with the agent as policies
 * name it. A call without a token is of no agent, so that one of its source is given to it.
 */
export function selectCalls(
  calls: readonly ObservedCall[],
  { agent: agents, source: sources }: Selection,
  nameOf: (agent: string) => string,
): Result<readonly ObservedCall[], string> {
  const bySource = new Map<string, string>();
  for (const pair of sources) {
    const [, source, agent] =
      /^((?:credential|address):[^=]+|unknown)=([a-z0-9-]+#.+)$/.exec(pair) ?? [];
    if (source === undefined || agent === undefined) {
      return refuse(
        `--source must be SOURCE=NAME, such as address:203.0.113.7=local-idp#report-agent (got ${pair})`,
      );
    }
    bySource.set(source, agent);
  }
  return ok(
    calls.flatMap((call): readonly ObservedCall[] => {
      if (call.agent !== undefined) {
        const agent = nameOf(call.agent);
        const isNamed = agents.includes(agent) || agents.includes(call.agent);
        const user = call.user === undefined ? {} : { user: nameOf(call.user) };
        return isNamed ? [{ ...call, agent, ...user }] : [];
      }
      const agent = bySource.get(call.source ?? 'unknown');
      return agent === undefined ? [] : [{ ...call, agent }];
    }),
  );
}

/** Returns a line for each caller that can be learned from. */
export function callersOf(
  calls: readonly ObservedCall[],
  nameOf: (agent: string) => string,
): readonly string[] {
  if (calls.length === 0) return ['no call was observed'];
  const groups = groupBy(calls, (call) =>
    call.agent === undefined ? `--source ${call.source}=NAME` : `--agent ${nameOf(call.agent)}`,
  );
  const rows = [...groups].map(([flag, own]) => {
    const denied = own.filter(({ verdict }) => verdict === 'observed').length;
    const [first] = own;
    return `${flag.padEnd(56)} ${own.length} calls, ${denied} would be denied (${first ? callerOf(first) : ''})`;
  });
  return ['name those whose calls were honest:', ...rows];
}
