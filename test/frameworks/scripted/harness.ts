/** Runs examples with scripted models, and prints what the models saw as JSON. */
import { identityFrom } from 'hewn/agent';
import type { AgentOptions } from './examples/task.ts';
import { Seen } from './script.ts';

export function optionsOf(env: NodeJS.ProcessEnv): AgentOptions {
  const variable = (name: string): string => {
    const value = env[name];
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  };
  return {
    issuer: variable('HEWN_ISSUER'),
    gateway: variable('HEWN_GATEWAY'),
    identity: identityFrom(() => variable('HEWN_ACTOR_TOKEN')),
    user: identityFrom(() => variable('HEWN_SUBJECT_TOKEN')),
  };
}

export async function runAll(
  runs: Readonly<Record<string, (seen: Seen) => Promise<string>>>,
): Promise<void> {
  const results: Record<string, object> = {};
  for (const [name, run] of Object.entries(runs)) {
    const seen = new Seen();
    const outcome = await run(seen).then(
      (answer) => ({ answer }),
      (error) => ({ error: String(error?.stack ?? error) }),
    );
    results[name] = { ...outcome, tools: seen.tools, turns: seen.turns };
  }
  console.log(JSON.stringify(results));
  process.exit(0); // A framework may leave timers behind.
}
