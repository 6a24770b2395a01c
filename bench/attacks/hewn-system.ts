/** Hewn as a system under test: it mints, narrows, approves and verifies with its own code. */
import type { Catalogue } from '../../src/catalogue/index.ts';
import type { System } from '../agent-authz-bench/index.ts';
import { benchIssuer } from './bench-issuer.ts';
import { BenchLabels, withFlow } from './bench-labels.ts';
import type { Configuration } from './configurations.ts';
import type { Derivation } from './derive.ts';
import { HewnWorkflow } from './hewn-workflow.ts';
import { benchPolicy } from './policy.ts';
import { Tally } from './tally.ts';

export interface HewnOptions {
  readonly configuration: Configuration;
  readonly derivation: Derivation;
  readonly catalogues: ReadonlyMap<string, Catalogue>;
}

/** A system with what it minted and how long it took. */
export interface HewnSystem extends System {
  readonly tally: Tally;
}

export async function hewnSystem(options: HewnOptions): Promise<HewnSystem> {
  const { configuration, derivation } = options;
  const catalogues = new Map(
    [...options.catalogues].map(([suite, catalogue]) => [
      suite,
      configuration.labels ? withFlow(catalogue) : catalogue,
    ]),
  );
  const issuer = await benchIssuer();
  const tally = new Tally();
  const policies = new Map(
    [...catalogues].map(([suite, catalogue]) => [suite, benchPolicy(catalogue, configuration)]),
  );
  const labels = new BenchLabels();
  let count = 0;
  return {
    name: configuration.name,
    tally,
    begin: (task) => {
      const [catalogue, policy] = [catalogues.get(task.suite), policies.get(task.suite)];
      if (!catalogue || !policy) throw new Error(`there is no catalogue of ${task.suite}`);
      count += 1;
      const own = { id: `wf_bench_${count}`, configuration, derivation, task };
      return HewnWorkflow.begin({ ...own, catalogue, policy, issuer, labels, tally });
    },
  };
}
