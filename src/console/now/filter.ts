/**
 * The filter of the page Now. It lives in the address, so that each view is a link that a colleague
 * can open, and the browser's Back undoes it.
 */
export interface NowFilter {
  readonly show?: Show;
  /** What was searched for: a part of a name, a task or an id. */
  readonly q?: string;
  readonly agent?: string;
  readonly subject?: string;
  readonly owner?: string;
  readonly tool?: string;
  readonly dataset?: string;
  /** The code of a denial. */
  readonly code?: string;
  /** Only workflows that began at this time or later, in RFC 3339. */
  readonly from?: string;
  /** Only workflows that began before this time, in RFC 3339. */
  readonly until?: string;
}

export type Show = keyof typeof SHOWS;

/** The groups of the list, in the order of their tabs. */
export const SHOWS = {
  running: { tab: 'Running', words: 'running' },
  denied: { tab: 'With denials', words: 'with denials' },
  waiting: { tab: 'Waiting', words: 'waiting for a person' },
  stopped: { tab: 'Stopped', words: 'stopped' },
} as const;

/** The filters that have a chip, with the noun that stands before the value. */
const NAMED = {
  agent: 'agent',
  subject: 'subject',
  owner: 'owner',
  tool: 'tool',
  dataset: 'dataset',
  code: 'code',
  from: 'since',
  until: 'before',
} as const;
type Named = keyof typeof NAMED;

const isShow = (text: string | null): text is Show => text !== null && Object.hasOwn(SHOWS, text);

/** Reads the filter of an address. Parameters that the page does not have are left out. */
export function readFilter(params: URLSearchParams): NowFilter {
  const show = params.get('show');
  const texts = ['q', ...Object.keys(NAMED)].flatMap((name) => {
    const value = params.get(name)?.trim();
    return value ? [[name, value] as const] : [];
  });
  return { ...(isShow(show) && { show }), ...Object.fromEntries(texts) };
}

const ORDER = ['show', 'q', ...Object.keys(NAMED)] as readonly (keyof NowFilter)[];

/** Returns the address of a filter with some of its members changed. Undefined removes a member. */
export function filterHref(
  filter: NowFilter,
  change: { readonly [Name in keyof NowFilter]?: NowFilter[Name] | undefined } = {},
): string {
  const changed = { ...filter, ...change };
  const params = new URLSearchParams();
  for (const name of ORDER) {
    const value = changed[name];
    if (value) params.set(name, value);
  }
  return params.size > 0 ? `#/now?${params}` : '#/now';
}

/** A filter with a button that removes it. */
export interface Chip {
  readonly text: string;
  /** The address of the list without it. */
  readonly without: string;
}

/** Returns a chip for each filter but the tabs and the search, which show themselves. */
export const chips = (filter: NowFilter): readonly Chip[] =>
  (Object.keys(NAMED) as Named[]).flatMap((name) => {
    const value = filter[name];
    return value === undefined
      ? []
      : [
          {
            text: `${NAMED[name]} ${value}`,
            without: filterHref(filter, { [name]: undefined }),
          },
        ];
  });

/** Returns the filter in words, such as `with denials, “churn”, owner team:growth`; '' for none. */
export const filterWords = (filter: NowFilter): string =>
  [
    filter.show && SHOWS[filter.show].words,
    filter.q && `“${filter.q}”`,
    ...chips(filter).map(({ text }) => text),
  ]
    .filter(Boolean)
    .join(', ');
