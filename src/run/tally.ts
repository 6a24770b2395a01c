import type { RelayedUse, Use } from '../bridge/index.ts';
import { coversGrant, type Grant } from '../capability/index.ts';
import {
  type Catalogue,
  type DescribedCall,
  describeCall,
  describePrompt,
  describeResource,
} from '../catalogue/index.ts';

const ROWS_MAX = 200; // A hijacked agent can make up any number of names.

/** How often something happened. */
export interface Counted {
  /** The tool of the catalogue, or what the agent named if the catalogue does not have it. */
  readonly tool: string;
  readonly count: number;
}

/** What happened in a run. */
export interface RunSummary {
  readonly done: readonly Counted[];
  /** Called and answered with an error of the server. */
  readonly failed: readonly Counted[];
  readonly denied: readonly (Counted & { readonly code: string })[];
  /** Granted, and never used by a call that was allowed. */
  readonly unused: readonly Grant[];
}

/** Counts what an agent did. */
export class Tally {
  readonly #catalogue: () => Promise<Catalogue | undefined>;
  readonly #granted = new Map<string, Grant>();
  readonly #used = new Set<string>();
  readonly #rows = new Map<
    string,
    { tool: string; outcome: string; code: string; count: number }
  >();
  #settled: Promise<void> = Promise.resolve();

  /** `catalogue` returns the catalogue of the capability, if there is one. */
  constructor(catalogue: () => Promise<Catalogue | undefined>) {
    this.#catalogue = catalogue;
  }

  granted(grants: readonly Grant[]): void {
    for (const grant of grants) this.#granted.set(keyOf(grant), grant);
  }

  /** Counts a use, in order. Never throws. */
  count(use: RelayedUse): void {
    this.#settled = this.#settled.then(() => this.#count(use)).catch(() => undefined);
  }

  async #count(use: RelayedUse): Promise<void> {
    const catalogue = await this.#catalogue();
    const described = catalogue && describeUse(catalogue, use);
    const tool = described?.tool ?? `mcp/${use.server}/${use.name}`;
    const { outcome, code = '' } = use;
    const key = JSON.stringify([tool, outcome, code]);
    const row = this.#rows.get(key);
    if (row !== undefined) row.count += 1;
    else if (this.#rows.size < ROWS_MAX) {
      this.#rows.set(key, { tool: tool.slice(0, 256), outcome, code, count: 1 });
    }
    if (described === undefined || outcome === 'denied') return;
    for (const [name, grant] of this.#granted) {
      if (isUsedBy(grant, described)) this.#used.add(name);
    }
  }

  async summary(): Promise<RunSummary> {
    await this.#settled;
    const rows = [...this.#rows.values()];
    const of = (wanted: string): readonly Counted[] =>
      rows.filter(({ outcome }) => outcome === wanted).map(({ tool, count }) => ({ tool, count }));
    return {
      done: of('done'),
      failed: of('failed'),
      denied: rows
        .filter(({ outcome }) => outcome === 'denied')
        .map(({ tool, count, code }) => ({ tool, count, code })),
      unused: [...this.#granted].flatMap(([key, grant]) => (this.#used.has(key) ? [] : [grant])),
    };
  }
}

const keyOf = ({ tool, action, dataset }: Grant): string => JSON.stringify([tool, action, dataset]);

/** Whether a grant was needed for one of the datasets of a call. */
const isUsedBy = (grant: Grant, { tool, action, dataset }: DescribedCall): boolean => {
  const { constraints: _, ...plain } = grant as Grant & { readonly constraints?: unknown };
  return [dataset]
    .flat()
    .some((each) => coversGrant([plain as Grant], { tool, action, dataset: each } as Grant));
};

function describeUse(
  catalogue: Catalogue,
  { server, kind, name, args }: Use,
): DescribedCall | undefined {
  const described =
    kind === 'tool'
      ? describeCall(catalogue, `mcp/${server}/${name}`, args)
      : kind === 'resource'
        ? describeResource(catalogue, server, name)
        : describePrompt(catalogue, server, name, args);
  return described.ok ? described.value : undefined;
}
