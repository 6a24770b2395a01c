/** By which member of a record the trail is searched. */
export const SEARCHES = {
  workflow: 'Workflow',
  agent: 'Agent',
  subject: 'Subject',
  owner: 'Owner',
  tool: 'Tool',
  dataset: 'Dataset',
  code: 'Code of a denial',
  id: 'Record id',
} as const;

export type Search = keyof typeof SEARCHES;

export interface TrailFilter {
  readonly by?: Search;
  readonly value?: string;
  readonly event?: string;
  /** A day in UTC, such as 2026-11-28. */
  readonly day?: string;
  /** Stops of the drill's test workflows, one a minute, are left out by default. */
  readonly canaries?: typeof SHOWN;
}

const isSearch = (text: string | null): text is Search =>
  text !== null && Object.hasOwn(SEARCHES, text);

const SHOWN = 'shown';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the filter of an address. Anything else is left out. */
export function readTrailFilter(query: URLSearchParams): TrailFilter {
  const by = query.get('by');
  const value = query.get('value')?.trim();
  const event = query.get('event');
  const day = query.get('day');
  const canaries = query.get('canaries');
  return {
    ...(isSearch(by) && value && { by, value }),
    ...(event && { event }),
    ...(day && DAY.test(day) && !Number.isNaN(Date.parse(day)) && { day }),
    ...(canaries === SHOWN && { canaries }),
  };
}

/** Whether nothing is looked for, so that the newest records are shown. */
export const isOpen = (filter: TrailFilter): boolean => Object.keys(searchOf(filter)).length === 0;

/** Whether stops of the drill are left out: not where a person asks for one workflow or record. */
export const hidesCanaries = ({ canaries, by }: TrailFilter): boolean =>
  canaries !== SHOWN && by !== 'workflow' && by !== 'id';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Returns the parameters of the search at the issuer. */
export function searchOf(filter: TrailFilter): Readonly<Record<string, string>> {
  const { by, value, event, day } = filter;
  const start = day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`);
  return {
    ...(by && value && { [by]: value }),
    ...(by === 'workflow' && { tree: 'true' }),
    ...(event && { event }),
    ...(start !== undefined && {
      from: new Date(start).toISOString(),
      until: new Date(start + DAY_MILLISECONDS).toISOString(),
    }),
  };
}
