import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { fromUtf8 } from '../../../../src/encoding.ts';
import {
  Crash,
  ModelArchive,
  ModelStore,
  openSealer,
  type Random,
  seeded,
  Witnessed,
} from './model.ts';

/** The order of a log's writes, under crashes, lost answers, late writes and restores. */
const RUNS = Number(process.env.HEWN_SEAL_RUNS ?? 12);
const STEPS = 40;

interface Weather {
  /** At each point between two writes. */
  readonly crashes: number;
  /** Of requests to the archive. */
  readonly failures: number;
  /** Of steps. */
  readonly restores: number;
}

const record = (id: string): AuditRecord => ({
  event: 'rule_armed',
  id,
  at: 1,
  rule: 'r',
  actor: 'o',
  reason: 'x',
});

/** Tells one story of a log, and returns what it has at its end. */
async function tell(seed: number, weather: Weather) {
  const random = seeded(seed);
  let isCalm = false;
  const point = (): void => {
    if (!isCalm && random() < weather.crashes) throw new Crash();
  };
  const store = new ModelStore(point);
  const archive = new ModelArchive(() => (isCalm ? 1 : random()), weather.failures, point);
  const witnessed = new Witnessed();
  archive.onCheckpoint = (note) => witnessed.see(note, archive.entries());
  let clock = Date.UTC(2026, 10, 30, 23, 50);
  let sealer = openSealer(store, archive, () => clock);
  const acknowledged: string[] = [];
  const points = [store.rows];
  let isRestored = false;
  /** Ids that were in the archive when the log was restored. */
  const archived = new Set<string>();
  let count = 0;
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (error instanceof Crash) sealer = openSealer(store, archive, () => clock);
      if (/forked|root|covers|months/.test((error as Error).message)) throw error;
    }
  };
  for (let step = 0; step < STEPS; step++) {
    clock += Math.floor(random() * 120_000);
    points.push(store.rows);
    if (random() < weather.restores) {
      for (const entry of archive.entries()) archived.add(idOf(entry));
      store.rows = points[Math.floor(random() * points.length)] ?? store.rows;
      sealer = openSealer(store, archive, () => clock);
      isRestored = true;
    } else if (random() < 0.6) {
      await attempt(async () => {
        const ids = Array.from({ length: burst(random) }, () => `r.${count++}`);
        await sealer.ready();
        store.append(ids.map(record));
        if (!isRestored) acknowledged.push(...ids);
      });
    } else await attempt(async () => void (await sealer.round()));
  }
  isCalm = true;
  sealer = openSealer(store, archive, () => clock);
  await sealer.round();
  const ids = archive.entries().map(idOf);
  return { ids, acknowledged, archived, witnessed, stopped: sealer.stopped, store };
}

const burst = (random: Random): number =>
  random() < 0.15 ? Math.floor(random() * 600) : Math.floor(random() * 5);

const idOf = (entry: Uint8Array): string =>
  (JSON.parse(fromUtf8(entry) ?? '') as { readonly id: string }).id;

describe('a log', () => {
  test.each<[string, Weather]>([
    ['crashes at any point', { crashes: 0.05, failures: 0, restores: 0 }],
    ['has an archive that loses answers', { crashes: 0, failures: 0.15, restores: 0 }],
    ['meets both', { crashes: 0.04, failures: 0.1, restores: 0 }],
  ])('that %s signs one history and loses no record', async (_, weather) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { ids, acknowledged, witnessed, stopped } = await tell(seed, weather);
      expect(new Set(ids).size, `seed ${seed}`).toBe(ids.length);
      expect(
        ids.filter((id) => acknowledged.includes(id)),
        `seed ${seed}`,
      ).toEqual(acknowledged);
      expect([witnessed.largest, stopped], `seed ${seed}`).toEqual([ids.length, undefined]);
    }
  });

  test('that is restored to any point in time signs one history, and loses no archived record', async () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const weather = { crashes: 0.03, failures: 0.06, restores: 0.08 };
      const { ids, archived, witnessed, stopped } = await tell(seed, weather);
      expect(new Set(ids).size, `seed ${seed}`).toBe(ids.length);
      const found = new Set(ids);
      const lost = [...archived].filter((id) => !found.has(id));
      expect([lost, witnessed.largest, stopped], `seed ${seed}`).toEqual([
        [],
        ids.length,
        undefined,
      ]);
    }
  });
});
