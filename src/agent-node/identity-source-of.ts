import {
  azureIdentity,
  environmentIdentity,
  githubActionsIdentity,
  gitlabIdentity,
  googleIdentity,
  type IdentitySource,
} from '../agent/identity/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { devIdentity, devUser } from './dev.ts';
import { fileIdentity, kubernetesIdentity } from './file.ts';
import { spiffeIdentity } from './spiffe.ts';

/** Where the names of a source are looked up. */
export interface SourceContext {
  /** Whose tokens they are: the agent's own, by default, or those of the user that it acts for. */
  readonly of?: 'agent' | 'user';
  /** The folder in which `hewn dev` runs, for `dev`. */
  readonly folder?: string;
  /** The agent that may act for a user of `dev`; by default the first of `hewn.toml`. */
  readonly agent?: string;
}

type Form = (value: string | undefined, context: SourceContext) => Result<IdentitySource, string>;

const needed = (name: string, what: string): Result<never, string> =>
  refuse(`write ${name}:${what}`);

/** Every form of a source: what comes after the colon, and what it makes of it. */
const FORMS: Readonly<Record<string, { readonly shown: string; readonly read: Form }>> = {
  dev: {
    shown: 'dev[:NAME]',
    read: (value, { of = 'agent', folder, agent }) => {
      const where = folder === undefined ? {} : { folder };
      if (of === 'agent') {
        const name = value ?? agent;
        return ok(devIdentity({ ...where, ...(name !== undefined && { agent: name }) }));
      }
      const names = {
        ...(agent !== undefined && { agent }),
        ...(value !== undefined && { user: value }),
      };
      return ok(devUser({ ...where, ...names }));
    },
  },
  env: {
    shown: 'env:VARIABLE',
    read: (value) =>
      value === undefined ? needed('env', 'VARIABLE') : ok(environmentIdentity(value)),
  },
  file: {
    shown: 'file:PATH',
    read: (value) => (value === undefined ? needed('file', 'PATH') : ok(fileIdentity(value))),
  },
  github: {
    shown: 'github[:AUDIENCE]',
    read: (audience) => ok(githubActionsIdentity(given({ audience }))),
  },
  gitlab: {
    shown: 'gitlab[:VARIABLE]',
    read: (variable) => ok(gitlabIdentity(given({ variable }))),
  },
  kubernetes: { shown: 'kubernetes[:PATH]', read: (path) => ok(kubernetesIdentity(path)) },
  google: {
    shown: 'google[:AUDIENCE]',
    read: (audience) => ok(googleIdentity(given({ audience }))),
  },
  azure: { shown: 'azure[:AUDIENCE]', read: (audience) => ok(azureIdentity(given({ audience }))) },
  spiffe: { shown: 'spiffe[:ID]', read: (spiffeId) => ok(spiffeIdentity(given({ spiffeId }))) },
};

/** What `identitySourceOf` reads, for the help of a command. */
export const IDENTITY_FORMS: readonly string[] = Object.values(FORMS).map(({ shown }) => shown);

/**
 * Reads an identity source from a text, as commands and `hewn.toml` have it: `dev`, `env:VARIABLE`,
 * `file:PATH`, `github`, `gitlab`, `kubernetes`, `google`, `azure` or `spiffe`. Refuses any other
 * text with a sentence that lists the forms.
 *
 * @example
 * ```ts
 * import { identitySourceOf } from 'hewn/agent/node';
 *
 * const identity = identitySourceOf('env:AGENT_TOKEN');
 * if (!identity.ok) console.error(identity.error);
 * ```
 */
export function identitySourceOf(
  source: string,
  context: SourceContext = {},
): Result<IdentitySource, string> {
  const [, name = '', value] = /^([^:]*)(?::(.*))?$/s.exec(source) ?? [];
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  if (form === undefined || value === '') {
    return refuse(
      `${JSON.stringify(source.slice(0, 64))} is no identity source. Write one of: ${IDENTITY_FORMS.join(', ')}`,
    );
  }
  return form.read(value, context);
}

/** Leaves out a member without a value. */
const given = <Name extends string>(
  member: Readonly<Record<Name, string | undefined>>,
): { readonly [_ in Name]?: string } =>
  Object.fromEntries(Object.entries(member).filter(([, value]) => value !== undefined)) as {
    readonly [_ in Name]?: string;
  };
