import { plural } from '../plural.ts';
import { span } from '../time.ts';

type Mood = 'ok' | 'deny' | 'unknown';

interface Head {
  readonly seq: number;
  /** In seconds; null before the first. */
  readonly age: number | null;
}

/** A head is signed when a verifier asks, which each one in use does at least this often. */
const HEAD_SECONDS_MAX = 60;

/** Returns the state of the feed's heads, the age of the oldest, and a sentence. */
export function headWords(heads: readonly Head[]): readonly [Mood, string, string] {
  const [first] = heads;
  if (!first) return ['deny', 'unknown', 'the feed did not answer'];
  const entries = heads.length === 1 ? `entry ${first.seq}` : plural(heads.length, 'shard');
  const ages = heads.map(({ age }) => age);
  if (ages.includes(null)) return ['unknown', 'none yet', `${entries}, not asked for yet`];
  const oldest = Math.max(...ages.map((age) => age ?? 0));
  const isOld = oldest > HEAD_SECONDS_MAX;
  const more = isOld ? `${entries}; no verifier has asked since` : `${entries}, signed on request`;
  return [isOld ? 'unknown' : 'ok', `${span(oldest * 1000, 'coarse')} old`, more];
}

interface Drill {
  readonly bound_ms: number;
  readonly runs: readonly {
    readonly verdict: 'in_time' | 'late' | 'unproven' | 'failed';
    readonly ms: number | null;
  }[];
}

/** Returns the state of the drills, how many arrived in time, and the same as a sentence. */
export function drillWords(drill: Drill | null): readonly [Mood, string, string] {
  if (drill === null) return ['unknown', 'off', 'no drill is scheduled'];
  const { runs, bound_ms: bound } = drill;
  if (runs.length === 0) return ['unknown', 'none yet', 'the first one is due within a minute'];
  const proven = runs.filter(({ verdict }) => verdict !== 'unproven');
  const unproven = runs.length - proven.length;
  const unheard = `No verifier reported ${plural(unproven, 'stop')}.`;
  if (proven.length === 0) return ['unknown', 'unproven', unheard];
  const arrived = proven.flatMap(({ ms }) => (ms !== null && ms <= bound ? [ms] : []));
  const slowest = arrived.length > 0 ? `, the slowest after ${span(Math.max(...arrived))}` : '';
  const words = `${arrived.length} of ${plural(proven.length, 'stop')} arrived in time${slowest}.`;
  return [
    arrived.length === proven.length ? 'ok' : 'deny',
    `${arrived.length} of ${proven.length}`,
    unproven === 0 ? words : `${words} ${unheard}`,
  ];
}
