import type { Deployment, FileFault } from '../../deployment/index.ts';
import { sealedElsewhere, tableOf } from '../../upstream/index.ts';

/** Warns of secrets that are sealed for other hosts than the one that they are sent to. */
export function sealedWarnings(
  file: string,
  { environments }: Pick<Deployment, 'environments'>,
): readonly FileFault[] {
  const found = environments
    .flatMap(({ gateways }) => gateways)
    .flatMap(({ upstreams }) => Object.entries(upstreams))
    .flatMap(([name, upstream]) => {
      const host = sealedElsewhere(tableOf(upstream));
      if (host === undefined) return [];
      return [
        `the credential of the upstream "${name}" is not sealed for ${host}, so no call to it can be made: seal it again with hewn seal`,
      ];
    });
  return [...new Set(found)].map((each) => ({ file, found: each }));
}
