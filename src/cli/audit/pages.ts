import type { ExportedRecord } from '../../audit/export/index.ts';
import { ADMIN_API, type RouteCall } from '../../issuer-api/index.ts';
import { ok, type Result } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

const { searchAudit } = ADMIN_API.audit;

/** The parameters of a search, as they are on the wire. */
export type SearchQuery = NonNullable<RouteCall<typeof searchAudit>['query']>;

export interface SearchPage {
  readonly records: readonly ExportedRecord[];
  readonly next: string;
  readonly end: boolean;
}

/** Reads one page of a search. */
export async function searchPage(
  context: CommandContext,
  flags: IssuerFlags,
  query: SearchQuery,
): Promise<Result<SearchPage, string>> {
  const answer = await callIssuer(context, flags, searchAudit, { query });
  return answer.ok ? ok(answer.value as unknown as SearchPage) : answer;
}

/**
 * Reads all pages of a search, until the end, until one cannot be read, or until no one reads the
 * output. Calls `onNext` with the place behind each page that was taken.
 */
export async function* searchPages(
  context: CommandContext,
  flags: IssuerFlags,
  query: SearchQuery,
  onNext: (next: string) => void = () => {},
): AsyncGenerator<Result<readonly ExportedRecord[], string>> {
  let after = query.after;
  let read = 0;
  while (context.outClosed?.aborted !== true) {
    const { last, ...rest } = query;
    const begin = after === undefined ? { ...(last !== undefined && { last }) } : { after };
    const page = await searchPage(context, flags, { ...rest, ...begin });
    if (!page.ok) {
      yield page;
      return;
    }
    read += page.value.records.length;
    yield ok(page.value.records);
    context.progress?.(`${read} records`);
    onNext(page.value.next);
    if (page.value.end) return;
    after = page.value.next;
  }
}
