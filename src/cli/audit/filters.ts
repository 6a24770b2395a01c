import { FIELDS } from '../../audit/find/index.ts';
import { ok, type Result } from '../../result.ts';
import type { FlagValues } from '../command.ts';
import { readTime } from '../time.ts';
import type { SearchQuery } from './pages.ts';

const text = (value: string, description: string) =>
  ({ kind: 'text', value, description }) as const;

/** Which records a command reads. All that is stated must hold. */
export const FILTER_FLAGS = {
  workflow: text('ID', 'only records of this workflow'),
  tree: { kind: 'switch', description: 'with --workflow: also those of all workflows in its tree' },
  agent: text('NAME', 'only records of this agent, as the records spell it'),
  subject: text('NAME', 'only records of this subject'),
  owner: text('NAME', 'only records of this owner'),
  tool: text('NAME', 'only records about this tool'),
  dataset: text('NAME', 'only records about this dataset'),
  code: text('CODE', 'only denials and refusals with this code'),
  event: text('KIND', 'only records of this kind, such as mint or decision'),
  mode: text('MODE', 'observe: only the decisions of routes that observe'),
  id: text('ID', 'only the record with this id'),
  log: text('LOG', 'only this log, such as control or decisions-1-0'),
  since: text('TIME', 'only records since then: 7d, 24h, 30m, or RFC 3339'),
  until: text('TIME', 'only records before then'),
} as const;

/** Returns the parameters of a search from the flags of a command. */
export function readFilters(
  flags: FlagValues<typeof FILTER_FLAGS>,
  now: Date,
): Result<SearchQuery, string> {
  const from = readTime('since', flags.since, now);
  if (!from.ok) return from;
  const until = readTime('until', flags.until, now);
  if (!until.ok) return until;
  const named = [...FIELDS, 'log' as const].flatMap((name) =>
    flags[name] === undefined ? [] : [[name, flags[name]] as const],
  );
  return ok({
    ...Object.fromEntries(named),
    ...(flags.tree && { tree: 'true' as const }),
    ...(from.value !== undefined && { from: new Date(from.value).toISOString() }),
    ...(until.value !== undefined && { until: new Date(until.value).toISOString() }),
  } as SearchQuery);
}

/** Whether any flag narrows the search. */
export const isFiltered = ({ log: _, ...query }: SearchQuery): boolean =>
  Object.values(query).some((value) => value !== undefined);
