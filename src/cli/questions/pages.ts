import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { ok, type Result } from '../../result.ts';
import {
  type Column,
  partyColumn,
  type Screen,
  showAge,
  showTimestamp,
} from '../terminal/index.ts';

/** More than a person reads, and less than a terminal keeps. */
const LISTED_MAX = 10_000;

type Span = RouteAnswer<(typeof ADMIN_API)['questions']['whoCan']>['over'];

interface Page {
  readonly next?: string | undefined;
  readonly over: Span;
}

interface PageQuery {
  readonly q?: string;
  readonly after?: string;
}

/** Everything that matches, and which requests the list was drawn from. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly over: Span;
}

/** Reads a list of names page by page. */
export async function readPages<Answer extends Page, Row>(
  match: string | undefined,
  ask: (query: PageQuery) => Promise<Result<Answer, string>>,
  rowsOf: (answer: Answer) => readonly Row[],
): Promise<Result<Listed<Row>, string>> {
  const rows: Row[] = [];
  let after: string | undefined;
  while (true) {
    const query = {
      ...(match !== undefined && { q: match }),
      ...(after !== undefined && { after }),
    };
    const page = await ask(query);
    if (!page.ok) return page;
    rows.push(...rowsOf(page.value));
    const { next, over } = page.value;
    if (next === undefined || rows.length >= LISTED_MAX) return ok({ rows, over });
    after = next;
  }
}

/** What the lists of agents, subjects and owners share. */
interface Party {
  readonly living: number;
  readonly mints: number;
  readonly refusals: number;
  readonly last_seen?: string | undefined;
  readonly denied: boolean;
}

/** Returns the columns that the lists of agents, subjects and owners share, the name first. */
export const partyColumns = <Row extends Party>(
  screen: Screen & { readonly now: () => Date },
  head: string,
  nameOf: (row: Row) => string,
  stateOf: (row: Row) => string = ({ denied }) => (denied ? 'denied' : ''),
): readonly Column<Row>[] => [
  partyColumn(head, nameOf),
  { head: 'LIVING', cell: ({ living }) => String(living), align: 'right' },
  { head: 'MINTS', cell: ({ mints }) => String(mints), align: 'right' },
  {
    head: 'REFUSED',
    cell: ({ refusals }) => String(refusals),
    align: 'right',
    tone: ({ refusals }) => (refusals > 0 ? 'waits' : undefined),
  },
  {
    head: 'LAST SEEN',
    cell: ({ last_seen: last }) => (last === undefined ? '' : showTimestamp(screen, last)),
    short: ({ last_seen: last }) =>
      last === undefined ? '' : showAge(screen.now().getTime(), Date.parse(last)),
  },
  {
    head: 'STATE',
    cell: stateOf,
    tone: ({ denied }) => (denied ? 'bad' : undefined),
  },
];
