import type { JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Decider, wouldAllow } from './decide.ts';
import {
  type AuthzenEntity,
  type Expected,
  type Question,
  readParts,
  type Searched,
} from './entities.ts';
import { own } from './map-question.ts';
import { nextToken, type Page, readPage } from './page.ts';

/** The candidates that a search asks for next. */
export interface CandidateQuery {
  readonly type: string;
  /** The maximum number of candidates. */
  readonly limit: number;
  /** `next` of the previous page. It has passed through the enforcement point. */
  readonly after?: string;
}

/** One page of candidates. The search returns only those that a decision allows. */
export interface CandidatePage {
  readonly entities: readonly AuthzenEntity[];
  /** The position of the next page. Absent on the last page. */
  readonly next?: string;
}

/** Supplies candidates of one kind, page by page. */
export type CandidatesOf = (query: CandidateQuery) => Promise<CandidatePage> | CandidatePage;

/** The answer to a search (AuthZEN 1.0, section 8.3). */
export interface SearchAnswer {
  readonly page: { readonly next_token: string; readonly count: number };
  readonly results: readonly (Pick<AuthzenEntity, 'type' | 'id'> | { readonly name: string })[];
}

export interface Searcher extends Decider {
  readonly candidates: Readonly<Partial<Record<'subjects' | 'resources', CandidatesOf>>>;
}

const CANDIDATES_MAX = 500; // Decided for one page, however few of them are results.

const EXPECTED: Readonly<Record<Searched, Expected>> = {
  subject: { subject: 'typed', action: 'whole', resource: 'whole' },
  resource: { subject: 'whole', action: 'whole', resource: 'typed' },
  action: { subject: 'whole', resource: 'whole' },
};

/** Answers a search: the candidates that a decision would allow now. */
export async function search(
  searcher: Searcher,
  searched: Searched,
  request: JsonObject,
): Promise<Result<SearchAnswer, string>> {
  const question = readParts(request, EXPECTED[searched]);
  if (!question.ok) return question;
  const page = await readPage(searched, question.value, request.page);
  if (!page.ok) return page;
  const { limit, after } = page.value;
  const results: Candidate[] = [];
  let [position, decided] = [after, 0];
  let isEnd = false;
  while (!isEnd && results.length < limit && decided < CANDIDATES_MAX) {
    const room = Math.min(limit - results.length, CANDIDATES_MAX - decided);
    const found = await candidatesOf(searcher, searched, question.value, room, position);
    if (!found.ok) return found;
    const { candidates, next } = found.value;
    decided += Math.max(1, candidates.length);
    const allowed = await Promise.all(candidates.map(({ asked }) => wouldAllow(searcher, asked)));
    results.push(...candidates.filter((_, index) => allowed[index]));
    position = next;
    isEnd = next === undefined;
  }
  const token = isEnd ? '' : await nextToken(searched, question.value, page.value, position);
  const answer = results.map(({ result }) => result);
  return ok({ page: { next_token: token, count: answer.length }, results: answer });
}

interface Candidate {
  readonly asked: Question;
  readonly result: SearchAnswer['results'][number];
}

interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly next: string | undefined;
}

async function candidatesOf(
  { mapping, candidates }: Searcher,
  searched: Searched,
  question: Question,
  limit: number,
  after: Page['after'],
): Promise<Result<Candidates, string>> {
  if (searched === 'action') {
    const { actions = {} } = own(mapping.resources, question.resource.type) ?? {};
    const all = Object.keys(actions).map((name): Candidate => {
      const action = { name };
      return { asked: { ...question, action }, result: action };
    });
    return listed(all, limit, after);
  }
  const { type, properties } = question[searched];
  const askedFor = (entity: Omit<AuthzenEntity, 'type'>): Candidate => ({
    // What the server knows of a candidate replaces what the question has about all candidates.
    asked: {
      ...question,
      [searched]: { type, id: entity.id, properties: { ...properties, ...entity.properties } },
    },
    result: { type, id: entity.id },
  });
  const [kind, known] =
    searched === 'subject'
      ? (['subjects', own(mapping.subjects, type)] as const)
      : (['resources', own(mapping.resources, type)] as const);
  // An unknown type has no candidates.
  if (!known) return ok({ candidates: [], next: undefined });
  const supply = candidates[kind];
  if (!supply) return listed((known.entities ?? []).map(askedFor), limit, after);
  const page = await supply({ type, limit, ...(after !== undefined && { after }) });
  const entities = page.entities.filter((entity) => entity.type === type).slice(0, limit);
  return ok({ candidates: entities.map(askedFor), next: page.next });
}

/** A page of a list that is known as a whole: its position is a number. */
function listed(all: readonly Candidate[], limit: number, after = '0'): Result<Candidates, string> {
  const start = /^\d{1,9}$/.test(after) ? Number(after) : -1;
  if (start < 0 || start > all.length) return refuse('page.token is not of this search');
  const end = start + limit;
  return ok({
    candidates: all.slice(start, end),
    next: end < all.length ? String(end) : undefined,
  });
}
