import * as v from 'valibot';
import type { IdentitySource } from '../../agent/index.ts';
import type { Deployment } from '../../deployment/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

const REQUEST_MILLISECONDS_MAX = 10_000;

const issued = v.object({ access_token: v.string() });
const refusal = v.object({ error_description: v.string() });

/** A user and an agent of `[dev]`, by name. */
export interface DevNames {
  readonly agent: string;
  readonly user?: string | undefined;
}

/** Returns the name in `dev:NAME`; for `dev`, the only one. Undefined for another source. */
export function devName(
  stated: string | undefined,
  kind: 'agents' | 'users',
  { dev }: Pick<Deployment, 'dev'>,
): Result<string | undefined, string> {
  const [source, name] = (stated ?? 'dev').split(/:(.*)/s);
  if (source !== 'dev') return ok(undefined);
  const names = Object.keys(dev[kind] ?? {});
  const [only, another] = names;
  if (name !== undefined && name !== '') {
    return names.includes(name)
      ? ok(name)
      : refuse(
          `[dev.${kind}] has no ${JSON.stringify(name)}. It has: ${names.join(', ') || 'none'}`,
        );
  }
  if (only !== undefined && another === undefined) return ok(only);
  if (only === undefined && kind === 'users') return ok(undefined); // The agent acts for itself.
  return refuse(`name one of [dev.${kind}], such as dev:${only ?? 'NAME'}: ${names.join(', ')}`);
}

/** Returns the source of tokens of a running `hewn dev`. */
export const devIdentity = (
  send: typeof fetch,
  tokenEndpoint: string,
  { agent, user }: DevNames,
): IdentitySource => ({
  name: `hewn dev, ${user === undefined ? agent : `${user} for ${agent}`}`,
  token: async () => {
    const response = await send(tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({ agent, ...(user !== undefined && { user }) }),
      signal: AbortSignal.timeout(REQUEST_MILLISECONDS_MAX),
    });
    const body: unknown = await response.json();
    const token = v.safeParse(issued, body);
    if (response.ok && token.success) return token.output.access_token;
    const why = v.safeParse(refusal, body);
    throw new Error(why.success ? why.output.error_description : `HTTP ${response.status}`);
  },
});
