import { tableOf } from '../upstream/index.ts';
import { resolve } from './environments.ts';
import type { KeyFault, KeyPath } from './fault.ts';
import type { Deployment, Environment } from './model.ts';
import { isTable, type Table } from './values.ts';

/**
 * Returns the deployment of a file with faults, so that the rules between values can be applied to
 * the values that are valid. A value with a fault is left out, and a required one that is then
 * missing gets a value that no other has, with a host of `.invalid` (RFC 6761 section 6.4).
 */
export function withStandIns(file: Table, faults: readonly KeyFault[]): Deployment {
  const table = structuredClone(file);
  for (const { path } of faults) remove(table, path);
  const lost = new Set(
    faults.flatMap(({ path, suggestion }) => [...path.map(String), suggestion ?? '']),
  );
  const { deployment } = resolve(table);
  return {
    ...deployment,
    environments: deployment.environments.map((environment) => completed(environment, lost)),
  };
}

/** Whether a fault between values is about a value that was made up. */
export const isAboutStandIn = ({
  found,
  allowed,
}: {
  readonly found: string;
  readonly allowed?: string;
}): boolean => `${found} ${allowed ?? ''}`.includes('.invalid');

/** A list and a provider are left out as a whole: the paths of other faults must stay right. */
function remove(table: Table, path: KeyPath): void {
  const within = path[0] === 'environments' ? 2 : 0;
  const index = path.findIndex((part) => typeof part === 'number');
  const isProvider = path[within] === 'providers';
  const end = Math.min(
    path.length,
    index < 0 ? path.length : index,
    isProvider ? within + 2 : path.length,
  );
  let parent: unknown = table;
  for (const part of path.slice(0, end - 1)) {
    parent = isTable(parent) && Object.hasOwn(parent, part) ? parent[part] : undefined;
  }
  const last = path[end - 1];
  if (isTable(parent) && last !== undefined) delete (parent as Record<string, unknown>)[last];
}

/** Adds what every environment has, and takes away what would make a rule see half of a pair. */
function completed(environment: Environment, lost: ReadonlySet<string>): Environment {
  const { name, issuer, gateways } = environment;
  const host = (role: string): string => `https://${role}.${name}.invalid`;
  const isVerifierLost = lost.has('audiences') || lost.has('gateways');
  const audiences = issuer.audiences ?? (isVerifierLost ? [host('audience')] : undefined);
  const isKillLost = lost.has('killUrl') || lost.has('killPublicKey');
  return {
    ...environment,
    deployment: environment.deployment || 'name.invalid',
    issuer: {
      ...issuer,
      url: issuer.url ?? host('issuer'),
      ...(audiences !== undefined && { audiences }),
    },
    gateways: gateways.map(({ killUrl, killPublicKey, ...gateway }) => ({
      ...gateway,
      url: gateway.url ?? host(gateway.name),
      upstreams: Object.fromEntries(
        Object.entries(gateway.upstreams ?? {}).filter(
          ([, each]) => tableOf(each).url !== undefined,
        ),
      ),
      ...(!isKillLost && killUrl !== undefined && { killUrl }),
      ...(!isKillLost && killPublicKey !== undefined && { killPublicKey }),
    })),
  };
}
