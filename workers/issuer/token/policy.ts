import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { type Policy, type PolicyFile, PolicyInForce } from '../../../src/policy/index.ts';
import { catalogueHash } from '../../../src/version/index.ts';

/** What a deployment decides by: the contents of its policy files and of its tool catalogue. */
export interface PolicySources {
  /**
   * The text of each policy file, by the name that errors give it, such as
   * `policy/reports.datalog`. The files are read in the order of their names.
   */
  readonly policy: Readonly<Record<string, string>>;
  /** The text of the tool catalogue, in TOML: the one that the gateway describes calls by. */
  readonly catalogue: string;
}

/**
 * The policy and the catalogue of a deployment. They are part of its bundle, and an isolate loads
 * them once, when a request first needs them.
 */
export class DeployedPolicy {
  readonly #files: readonly PolicyFile[];
  readonly #catalogue: string;
  #catalogueHash: string | undefined;
  readonly #inForce = new PolicyInForce((failure) =>
    console.error({ event: 'policy.unavailable', ...failure }),
  );

  constructor({ policy, catalogue }: PolicySources) {
    this.#files = Object.entries(policy).map(([name, source]) => ({ name, source }));
    this.#catalogue = catalogue;
  }

  /**
   * Returns the policy. If it or the tool catalogue does not load, returns undefined and logs the
   * reason each time: without a policy nothing is minted.
   */
  load(): Policy | undefined {
    if (this.#inForce.policy === undefined) {
      const catalogue = parseCatalogue(this.#catalogue);
      if (catalogue.ok) {
        const offered = this.#inForce.offer(this.#files, catalogue.value);
        const warnings = offered.ok ? offered.value.warnings : [];
        for (const warning of warnings) console.warn({ event: 'policy.warning', ...warning });
      } else {
        const failure = { error: catalogue.error, lastGoodStays: false };
        console.error({ event: 'policy.unavailable', ...failure });
      }
    }
    return this.#inForce.policy;
  }

  /** Returns the hash of the catalogue that the policy was loaded with. */
  async catalogueHash(): Promise<string> {
    this.#catalogueHash ??= await catalogueHash(this.#catalogue);
    return this.#catalogueHash;
  }

  /** Returns the text of the catalogue with this hash, or undefined if it is unknown. */
  async catalogue(hash: string): Promise<string | undefined> {
    return hash === (await this.catalogueHash()) ? this.#catalogue : undefined;
  }

  /** Returns the tools of the catalogue; undefined if it does not load. */
  tools(): ReadonlySet<string> | undefined {
    const catalogue = parseCatalogue(this.#catalogue);
    return catalogue.ok ? new Set(catalogue.value.keys()) : undefined;
  }
}
