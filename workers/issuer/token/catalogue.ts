import { ConfigurationFault } from '../../../src/configuration-fault.ts';
import type { PublicApi } from '../../../src/issuer-api/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { problem } from '../platform/http.ts';
import type { PublicHandlers } from '../platform/router.ts';

/** Where an issuer finds the text of a catalogue that a head or a capability names. */
export interface Catalogues {
  /** Returns the text of the catalogue with this hash, or undefined if none is stored. */
  catalogue(hash: string, env: IssuerEnv): Promise<string | undefined>;
}

/**
 * Serves catalogues by their hash. The reader verifies the hash, so anyone may cache and mirror the
 * answer. An unknown hash is never cached: it may be that of the next version.
 */
export const createCatalogueRoutes = (
  catalogues: Catalogues,
): PublicHandlers<PublicApi['catalogue']> => ({
  catalogue: async (request, env) => {
    const { hash = '' } = request.params;
    const found = HASH.test(hash) ? await find(catalogues, hash, env) : ok(undefined);
    if (!found.ok) return problem(found.error, { 'cache-control': 'no-store', 'retry-after': '1' });
    const text = found.value;
    if (text === undefined) {
      return problem({ code: 'catalogue_unknown' }, { 'cache-control': 'no-store' });
    }
    const headers = { ...IMMUTABLE, etag: `"${hash}"` };
    const known = request.headers.get('if-none-match')?.split(',') ?? [];
    return known.some((one) => one.trim().replace(/^W\//, '') === headers.etag)
      ? new Response(null, { status: 304, headers })
      : new Response(text, { headers });
  },
});

/** The store may not answer. A reader keeps what it has, and asks again. */
async function find(
  catalogues: Catalogues,
  hash: string,
  env: IssuerEnv,
): Promise<Result<string | undefined, { readonly code: 'catalogue_unavailable' }>> {
  try {
    return ok(await catalogues.catalogue(hash, env));
  } catch (error) {
    if (error instanceof ConfigurationFault) throw error;
    report('catalogue.unserved', { hash, why: (error as Error).message });
    return refuse({ code: 'catalogue_unavailable' });
  }
}

const HASH = /^[0-9a-f]{64}$/;

const IMMUTABLE = {
  'content-type': 'application/toml; charset=utf-8',
  'cache-control': 'public, max-age=31536000, immutable',
};
