import { NAMES_PER_PAGE_MAX } from '../../../src/issuer-api/index.ts';
import type { Party, PartyKind } from '../../../src/questions/index.ts';
import { livingTotals } from '../log/control-logs.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import { readSeen, type Seen } from './seen.ts';

/** Names that a row lists of another kind. */
const NAMES_SHOWN_MAX = 20;

/** One agent, subject, owner or tool, and what is known of it. */
export interface Listed {
  readonly name: string;
  readonly living: number;
  readonly denied: boolean;
  /** Absent if no record that was read has it. */
  readonly party: Party | undefined;
}

export interface ListPage {
  readonly rows: readonly Listed[];
  readonly next?: string;
  readonly from: Seen;
}

interface Query {
  readonly q?: string | undefined;
  readonly after?: string | undefined;
}

/** Lists the parties of a kind by name: those of records, of living workflows, and `also`. */
export async function listParties(
  env: IssuerEnv,
  kind: PartyKind,
  { q, after = '' }: Query,
  also: Iterable<string> = [],
): Promise<ListPage> {
  const [from, living, denials] = await Promise.all([
    readSeen(env),
    livingTotals(env, kind),
    revocationLog(env).denials(),
  ]);
  const parties = from.seen.parties(kind);
  const denied = new Set(denials.filter(({ scope }) => scope === kind).map(({ value }) => value));
  const names = [...new Set([...parties.keys(), ...living.keys(), ...denied, ...also])]
    .filter((name) => name > after && (q === undefined || name.includes(q)))
    .sort();
  const page = names.slice(0, NAMES_PER_PAGE_MAX);
  const rows = page.map(
    (name): Listed => ({
      name,
      living: living.get(name) ?? 0,
      denied: denied.has(name),
      party: parties.get(name),
    }),
  );
  const next = names.length > page.length ? page.at(-1) : undefined;
  return { rows, from, ...(next !== undefined && { next }) };
}

/** Returns the members that agents, subjects and owners share. */
export const describeParty = ({ living, party }: Listed) => ({
  living,
  mints: party?.mints ?? 0,
  refusals: party?.refusals ?? 0,
  ...(party && { first_seen: timeOf(party.first), last_seen: timeOf(party.last) }),
});

/** Returns the first names of a kind that a party occurred with. */
export const namesWith = ({ party }: Listed, kind: PartyKind | 'dataset'): readonly string[] =>
  [...(party?.with[kind] ?? [])].sort().slice(0, NAMES_SHOWN_MAX);

export const describeSpan = ({ seen, isComplete }: Seen) => ({
  requests: seen.taken,
  ...(seen.since !== undefined && { since: timeOf(seen.since) }),
  complete: isComplete,
});

export const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
