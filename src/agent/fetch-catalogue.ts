import { mintedCatalogue } from '../capability/index.ts';
import { type Catalogue, type CatalogueFetchError, fetchVerified } from '../catalogue/index.ts';
import { OBTAIN_MILLISECONDS_MAX } from '../limits.ts';
import { httpUrl } from '../option-values.ts';
import {
  callable,
  type Members,
  object,
  optional,
  optionsFault,
  readOptions,
  text,
} from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Capability } from './capability.ts';

/** From where an agent gets the issuer's catalogues. */
export interface IssuerCatalogueOptions {
  /** The issuer's URL. */
  readonly issuer: string;
  readonly fetch?: typeof fetch;
}

/** The options of `fetchCatalogue`: a capability or a hash. */
export interface FetchCatalogueOptions extends IssuerCatalogueOptions {
  /** Fetches the catalogue that this capability was minted under. */
  readonly capability?: Capability;
  /** SHA-256 of the catalogue's text, in lower-case hex. */
  readonly hash?: string;
}

/** Why an agent has no catalogue. */
export type FetchCatalogueError =
  /** Nothing was sent: an option is wrong. `why` names it and says what to write. */
  | { readonly code: 'options_invalid'; readonly why: string }
  /** The capability names no catalogue: an issuer of release 0.2.0 minted it. */
  | { readonly code: 'catalogue_unnamed' }
  | CatalogueFetchError;

/** Returns the catalogue that a capability was minted under. Made by `issuerCatalogue`. */
export type CatalogueSource = (
  capability: Capability,
) => Promise<Result<Catalogue, FetchCatalogueError>>;

const ISSUER: Members<IssuerCatalogueOptions> = { issuer: httpUrl, fetch: optional(callable) };
const OPTIONS: Members<FetchCatalogueOptions> = {
  issuer: httpUrl,
  fetch: optional(callable),
  capability: optional(object),
  hash: optional(text),
};
const KEPT_MAX = 4; // Renewed capabilities name another catalogue only after an activation.

/**
 * Fetches the tool catalogue of a capability from its issuer. The bytes are compared with the hash
 * in the capability, so no copy of the file is needed. Never throws: a wrong option is refused as
 * `options_invalid`.
 *
 * @example
 * ```ts
 * import { fetchCatalogue } from 'hewn/agent';
 *
 * const fetched = await fetchCatalogue({ issuer, capability, fetch });
 * if (!fetched.ok) console.error(fetched.error.code);
 * ```
 */
export async function fetchCatalogue(
  options: FetchCatalogueOptions,
): Promise<Result<Catalogue, FetchCatalogueError>> {
  const why = optionsFault(options, 'fetchCatalogue', OPTIONS) ?? choiceFault(options);
  if (why !== undefined) return refuse({ code: 'options_invalid', why });
  const { issuer, capability, hash = mintedCatalogue(capability?.token ?? '') } = options;
  if (hash === undefined) return refuse({ code: 'catalogue_unnamed' });
  const send = options.fetch ?? fetch;
  const fetched = await fetchVerified(
    (path, init) => send(`${issuer}${path}`, { ...init, redirect: 'manual' }),
    hash,
    OBTAIN_MILLISECONDS_MAX,
  );
  return fetched.ok ? ok(fetched.value.catalogue) : fetched;
}

const choiceFault = ({ capability, hash }: FetchCatalogueOptions): string | undefined => {
  if ((capability === undefined) === (hash === undefined)) {
    return 'fetchCatalogue: pass either `capability` or `hash`';
  }
  return hash === undefined || /^[0-9a-f]{64}$/.test(hash)
    ? undefined
    : 'fetchCatalogue: `hash` must be 64 lower-case hex digits';
};

/**
 * Returns a source of catalogues for `narrowingFetch`, which follows an agent's capabilities: a
 * renewed capability that names another catalogue leads to one more request to the issuer.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { issuerCatalogue, narrowingFetch } from 'hewn/agent';
 *
 * const source = issuerCatalogue({ issuer, fetch });
 * const send = narrowingFetch({ capability, catalogue: source, server: 'files', fetch });
 * ```
 */
export function issuerCatalogue(options: IssuerCatalogueOptions): CatalogueSource {
  readOptions(options, 'issuerCatalogue', ISSUER);
  const kept = new Map<string, Catalogue>();
  return async ({ token }) => {
    const hash = mintedCatalogue(token);
    if (hash === undefined) return refuse({ code: 'catalogue_unnamed' });
    const known = kept.get(hash);
    if (known) return ok(known);
    const fetched = await fetchCatalogue({ ...options, hash });
    if (!fetched.ok) return fetched;
    kept.set(hash, fetched.value);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return fetched;
  };
}
