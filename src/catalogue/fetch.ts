import { readBytes } from '../body.ts';
import { fromUtf8, toHex } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Catalogue, CatalogueError } from './catalogue.ts';
import { CATALOGUE_BYTES_MAX, parseCatalogue } from './parse.ts';

/** A catalogue whose text was compared with its hash. */
export interface VerifiedCatalogue {
  /** SHA-256 of the text, in lower-case hex. */
  readonly hash: string;
  readonly catalogue: Catalogue;
}

/** Why a catalogue was not fetched. */
export type CatalogueFetchError =
  | { readonly code: 'catalogue_unreachable'; readonly why: string }
  /** The bytes have another hash: the issuer or something on the way changed them. */
  | { readonly code: 'catalogue_mismatch' }
  | CatalogueError;

/** Sends a request for a path of the issuer, such as `/catalogue/…`. */
export type CatalogueGet = (path: string, init: RequestInit) => Promise<Response>;

/** Where the issuer serves a catalogue. */
const cataloguePath = (hash: string): string => `/catalogue/${hash}`;

/**
 * Fetches the catalogue with a hash and compares the bytes with the hash before they are parsed, so
 * they may come from any cache or mirror. Reads at most as much as a catalogue may have.
 */
export async function fetchVerified(
  get: CatalogueGet,
  hash: string,
  millisecondsMax: number,
): Promise<Result<VerifiedCatalogue, CatalogueFetchError>> {
  const bytes = await getBytes(get, hash, millisecondsMax);
  if (!bytes.ok) return bytes;
  const digest = await crypto.subtle.digest('SHA-256', bytes.value);
  if (toHex(new Uint8Array(digest)) !== hash) return refuse({ code: 'catalogue_mismatch' });
  const text = fromUtf8(bytes.value);
  if (text === undefined) return refuse({ code: 'catalogue_mismatch' });
  const catalogue = parseCatalogue(text);
  return catalogue.ok ? ok({ hash, catalogue: catalogue.value }) : catalogue;
}

async function getBytes(
  get: CatalogueGet,
  hash: string,
  millisecondsMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, CatalogueFetchError>> {
  try {
    const signal = AbortSignal.timeout(millisecondsMax);
    const response = await get(cataloguePath(hash), { signal });
    if (!response.ok) {
      await response.body?.cancel(); // An unread body would block its connection.
      return refuse({ code: 'catalogue_unreachable', why: `HTTP ${response.status}` });
    }
    const bytes = await readBytes(response, CATALOGUE_BYTES_MAX);
    return bytes.ok ? bytes : refuse({ code: 'catalogue_too_large' });
  } catch (error) {
    const why = error instanceof Error ? error.name : 'error';
    return refuse({ code: 'catalogue_unreachable', why });
  }
}
