/** The labels of workflow families, as the issuer keeps them and a gateway decides by them. */

import type { Catalogue, CatalogueTool } from '../../src/catalogue/index.ts';
import { FamilyLabels, flowOf } from '../../src/labels/index.ts';
import { ok } from '../../src/result.ts';

type Allowed = Parameters<typeof flowOf>[0];
type Gate = NonNullable<Awaited<ReturnType<typeof flowOf>>>;
export type FlowDenial = NonNullable<ReturnType<Gate['decide']>['denial']>;

/** A workflow that read private data and untrusted text asks before it sends anything. */
const RULE: NonNullable<CatalogueTool['flow']>[number] = {
  when: ['private', 'untrusted'],
  leaving: 'ask',
  reason: 'a stranger may have written what the agent does with private data',
};

/** Returns the catalogue with the rule for every tool that leaves. */
export const withFlow = (catalogue: Catalogue): Catalogue =>
  new Map(
    [...catalogue].map(([name, tool]) => [
      name,
      tool.leaves ? { ...tool, flow: [...(tool.flow ?? []), RULE] } : tool,
    ]),
  );

export class BenchLabels {
  readonly #families = new Map<string, Set<string>>();
  readonly #known: FamilyLabels;

  constructor() {
    this.#known = new FamilyLabels({
      raise: async ({ workflow, labels }) => {
        const all = this.#of(workflow);
        for (const label of labels) all.add(label);
        return ok([...all]);
      },
    });
  }

  /** Returns why a call may not leave, as its gateway decides it with the charge. */
  async decide(allowed: Allowed): Promise<FlowDenial | undefined> {
    const gate = await flowOf(allowed, this.#known);
    const labels = [...this.#of(allowed.evidence.workflow ?? '')];
    return gate?.decide({ labels, label: 'exact' }).denial;
  }

  /** Sets the labels that the answer to a call carries, before it is served. */
  async raise(allowed: Allowed): Promise<void> {
    await (await flowOf(allowed, this.#known))?.raise();
  }

  /** A child has those of its root: its id begins with that of the root and a dot. */
  #of(workflow: string): Set<string> {
    const root = workflow.split('.', 1)[0] ?? '';
    const known = this.#families.get(root) ?? new Set();
    this.#families.set(root, known);
    return known;
  }
}
