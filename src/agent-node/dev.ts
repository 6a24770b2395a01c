import { resolve } from 'node:path';
import * as v from 'valibot';
import { type IdentitySource, jwtIn } from '../agent/identity/index.ts';
import { readBounded } from '../body.ts';
import { type Running, readRunning } from '../dev-run.ts';
import { OBTAIN_MILLISECONDS_MAX } from '../limits.ts';
import { callable, type Members, optional, readOptions, text } from '../options.ts';

/** The options of `devIdentity` and `devUser`. */
export interface DevIdentityOptions {
  /** The folder in which `hewn dev` runs; by default `HEWN_HOME`, or the current folder. */
  readonly folder?: string;
  /** The agent, as `[dev.agents]` of `hewn.toml` names it; by default the first. */
  readonly agent?: string;
  readonly fetch?: typeof fetch;
}

/** The options of `devUser`. */
export interface DevUserOptions extends DevIdentityOptions {
  /** The user, as `[dev.users]` of `hewn.toml` names it; by default the first. */
  readonly user?: string;
}

const IDENTITY: Members<DevIdentityOptions> = {
  folder: optional(text),
  agent: optional(text),
  fetch: optional(callable),
};
const USER: Members<DevUserOptions> = { ...IDENTITY, user: optional(text) };

const ANSWER_BYTES_MAX = 64 * 1024;
const answered = v.object({ access_token: v.string() });
const refused = v.object({ error_description: v.string() });

/**
 * Returns the identity source of an agent of `hewn dev`, which vouches for it without a credential.
 *
 * @example
 * ```ts
 * import { devIdentity } from 'hewn/agent/node';
 *
 * const identity = devIdentity({ agent: 'assistant' });
 * console.log(identity.name);
 * ```
 */
export function devIdentity(options: DevIdentityOptions = {}): IdentitySource {
  const { folder, agent, fetch } = readOptions(options, 'devIdentity', IDENTITY);
  return {
    name: 'hewn dev',
    token: async () => {
      const run = await runIn(folder);
      return ask(run, { agent: agent ?? firstOf(run.agents, 'agents') }, fetch);
    },
  };
}

/**
 * Returns the identity source of a user of `hewn dev`, whose token lets the agent act for them.
 *
 * @example
 * ```ts
 * import { devUser } from 'hewn/agent/node';
 *
 * const user = devUser({ user: 'alice', agent: 'assistant' });
 * console.log(user.name);
 * ```
 */
export function devUser(options: DevUserOptions = {}): IdentitySource {
  const { folder, agent, user, fetch } = readOptions(options, 'devUser', USER);
  return {
    name: 'hewn dev',
    token: async () => {
      const run = await runIn(folder);
      const names = {
        user: user ?? firstOf(run.users, 'users'),
        agent: agent ?? firstOf(run.agents, 'agents'),
      };
      return ask(run, names, fetch);
    },
  };
}

type Run = NonNullable<Running['run']>;

async function runIn(folder = process.env.HEWN_HOME ?? '.'): Promise<Run> {
  const running = await readRunning(resolve(folder));
  if (running?.run) return running.run;
  const where = resolve(folder);
  throw new Error(
    running
      ? `hewn dev is still starting in ${where}. Try again in a moment`
      : `no hewn dev runs in ${where}. Start it there in another terminal: npx hewn dev`,
  );
}

function firstOf(names: readonly string[] | undefined, table: 'agents' | 'users'): string {
  const [first] = names ?? [];
  if (first === undefined) throw new Error(`hewn.toml has no table [dev.${table}.NAME]. Add one`);
  return first;
}

async function ask(
  { tokenEndpoint }: Run,
  names: Readonly<Record<string, string>>,
  send: typeof fetch = fetch,
): Promise<string> {
  const response = await send(tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams(names),
    redirect: 'manual',
    signal: AbortSignal.timeout(OBTAIN_MILLISECONDS_MAX),
  });
  const body = await readBounded(response, ANSWER_BYTES_MAX);
  const value: unknown = body.ok ? JSON.parse(body.value) : undefined;
  const answer = v.safeParse(answered, value);
  if (response.ok && answer.success) {
    return jwtIn(answer.output.access_token, `the answer of ${tokenEndpoint}`);
  }
  const problem = v.safeParse(refused, value);
  if (problem.success) throw new Error(problem.output.error_description);
  // An agent of an entry with `kind = "client"` gets a client assertion instead of a token.
  throw new Error(
    response.ok
      ? `${Object.values(names).join(' and ')} is an OAuth client, which proves itself without a token. Use an agent with a token`
      : `${tokenEndpoint} answered with HTTP ${response.status}`,
  );
}
