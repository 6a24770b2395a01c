import { canonicalJson, isJsonObject, type Json } from '../canonical-json.ts';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Question, Searched } from './entities.ts';

/** Which page of a search is requested: AuthZEN 1.0, section 8.2. */
export interface Page {
  readonly limit: number;
  /** Where the previous page ended. */
  readonly after?: string | undefined;
}

const RESULTS_MAX = 100; // Of one page.
const TOKEN_UNITS_MAX = 2_048;

/**
 * Returns the page of a request. A token counts only with the question and the limit that it was
 * made for, and a request may repeat the limit or leave it out. It is no secret, and gives nothing
 * that a first page would not.
 */
export async function readPage(
  searched: Searched,
  question: Question,
  page: Json | undefined,
): Promise<Result<Page, string>> {
  if (page === undefined) return ok({ limit: RESULTS_MAX });
  if (!isJsonObject(page)) return refuse('page is not an object');
  const { limit: given, token = '' } = page;
  const isLimit = typeof given === 'number' && Number.isSafeInteger(given) && given >= 0;
  if (given !== undefined && !isLimit) return refuse('page.limit is not a non-negative integer');
  if (typeof token !== 'string' || token.length > TOKEN_UNITS_MAX) {
    return refuse('page.token is not a token');
  }
  const limit = isLimit ? Math.min(given, RESULTS_MAX) : undefined;
  if (token === '') return ok({ limit: limit ?? RESULTS_MAX });
  const [digest, begun = '', ...rest] = partsOf(token);
  const isOurs =
    digest === (await digestOf(searched, question)) &&
    /^\d{1,3}$/.test(begun) &&
    Number(begun) <= RESULTS_MAX &&
    (limit === undefined || String(limit) === begun);
  if (!isOurs) return refuse('page.token is not of this search');
  return ok({ limit: Number(begun), after: rest.join('.') });
}

/** Returns the token of the page that begins at a position. */
export async function nextToken(
  searched: Searched,
  question: Question,
  { limit }: Page,
  position = '',
): Promise<string> {
  return toBase64Url(utf8([await digestOf(searched, question), limit, position].join('.')));
}

function partsOf(token: string): readonly string[] {
  const bytes = fromBase64Url(token);
  const text = bytes ? fromUtf8(bytes) : undefined;
  return text?.split('.') ?? [];
}

async function digestOf(searched: Searched, question: Question): Promise<string> {
  const text = canonicalJson([searched, question as unknown as Json]);
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));
}
