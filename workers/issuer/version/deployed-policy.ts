import type { Catalogue } from '../../../src/catalogue/index.ts';
import { isWithin, readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { ConfigurationFault } from '../../../src/configuration-fault.ts';
import { VERSION_CACHE_MILLISECONDS } from '../../../src/limits.ts';
import { checkVersion, type Policy } from '../../../src/policy/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { catalogueHash, type Version, versionId } from '../../../src/version/index.ts';
import { within } from '../../../src/within.ts';
import { type IssuerEnv, versions } from '../platform/env.ts';

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

/** A version that decides, ready for use. */
export interface VersionInForce {
  readonly id: string;
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly tools: ReadonlySet<string>;
  readonly catalogueHash: string;
  /** The texts that it was compiled from. */
  readonly texts: Version;
}

/** One question to the store. A mint waits no longer, and is refused then. */
const STORE_MILLISECONDS_MAX = 3_000;
/** Compiled versions that an isolate keeps, so that a rollback compiles nothing. */
const COMPILED_MAX = 4;

interface Active {
  /** Undefined: no version is active. */
  readonly id: string | undefined;
  /** When the store was asked. */
  readonly asked: UnixMilliseconds;
}

/**
 * The policy and the catalogue that decide: those of the active version, or those of the entry file
 * until a version is activated. An isolate asks the store at most once a second, compiles a version
 * once, and decides nothing if it cannot ask: the last answer may be a version that a person has
 * taken back.
 */
export class DeployedPolicy {
  readonly #sources: PolicySources | undefined;
  readonly #compiled = new Map<string, VersionInForce>();
  #active: Active | undefined;
  #sourcesInForce: VersionInForce | undefined;
  /** The hash of the catalogue of the entry file. */
  #sourcesHash: string | undefined;

  constructor(sources: PolicySources | undefined) {
    this.#sources = sources;
  }

  /**
   * Returns the version in force. Returns undefined and logs the reason if no version is in force,
   * if it does not load, or if the store does not answer: nothing is minted then.
   */
  async load(env: IssuerEnv): Promise<VersionInForce | undefined> {
    const loaded = await this.#load(env);
    if (loaded.ok) return loaded.value;
    console.error({ event: 'policy.unavailable', ...loaded.error });
    return undefined;
  }

  async #load(env: IssuerEnv): Promise<Result<VersionInForce, object>> {
    const now = readClock();
    const known = this.#active;
    if (known && isWithin(known.asked, now, VERSION_CACHE_MILLISECONDS)) {
      const held = known.id === undefined ? undefined : this.#compiled.get(known.id);
      if (held) return ok(held);
      if (known.id === undefined) return this.#ofSources();
    }
    try {
      const given = await within(
        versions(env).inForce(this.#newestKnown()),
        STORE_MILLISECONDS_MAX,
      );
      const { id } = given;
      const compiled = id === undefined ? undefined : await this.#compile(id, given.version);
      if (compiled?.ok === false) return compiled;
      // An answer that overtook a newer one is not kept: its question was asked before.
      if (!this.#active || this.#active.asked <= now) this.#active = { id, asked: now };
      return compiled ?? this.#ofSources();
    } catch (error) {
      if (error instanceof ConfigurationFault) throw error;
      return refuse({ why: `the store of versions: ${(error as Error).message}` });
    }
  }

  /** The version whose texts the store need not send again. */
  #newestKnown(): string | undefined {
    const id = this.#active?.id;
    return id !== undefined && this.#compiled.has(id) ? id : undefined;
  }

  async #compile(
    id: string,
    version: Version | undefined,
  ): Promise<Result<VersionInForce, object>> {
    const known = this.#compiled.get(id);
    if (known) return ok(known);
    if (!version) return refuse({ version: id, why: 'the store sent no texts' });
    const compiled = await compile(version, id);
    if (!compiled.ok) return compiled;
    this.#compiled.set(id, compiled.value);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > COMPILED_MAX && oldest !== undefined) this.#compiled.delete(oldest);
    return compiled;
  }

  /** The sources of the entry file; a mistake in them is logged each time. */
  async #ofSources(): Promise<Result<VersionInForce, object>> {
    if (this.#sourcesInForce) return ok(this.#sourcesInForce);
    if (!this.#sources)
      return refuse({ why: 'no version is active, and createIssuer has no sources' });
    const compiled = await compile(this.#sources);
    if (compiled.ok) this.#sourcesInForce = compiled.value;
    return compiled;
  }

  /**
   * Returns the text of a catalogue, from any stored version or from the entry file. Rejects if the
   * store does not answer.
   */
  async catalogue(hash: string, env: IssuerEnv): Promise<string | undefined> {
    const { catalogue } = this.#sources ?? {};
    if (catalogue !== undefined) {
      this.#sourcesHash ??= await catalogueHash(catalogue);
      if (this.#sourcesHash === hash) return catalogue;
    }
    return within(versions(env).catalogue(hash), STORE_MILLISECONDS_MAX);
  }
}

async function compile(version: Version, id?: string): Promise<Result<VersionInForce, object>> {
  const checked = checkVersion(version);
  if (!checked.ok) return refuse({ ...(id && { version: id }), faults: checked.error });
  const { policy, catalogue, warnings } = checked.value;
  for (const warning of warnings) console.warn({ event: 'policy.warning', ...warning });
  return ok({
    id: id ?? (await versionId(version)),
    policy,
    catalogue,
    tools: new Set(catalogue.keys()),
    catalogueHash: await catalogueHash(version.catalogue),
    texts: version,
  });
}
