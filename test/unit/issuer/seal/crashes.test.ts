import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { fromUtf8 } from '../../../../src/encoding.ts';
import type { SealState } from '../../../../workers/issuer/log/seal/state.ts';
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

/** The parts of a story. Those of a log with a fault are others. */
interface Parts {
  readonly Store: typeof ModelStore;
  readonly Archive: typeof ModelArchive;
}

const FAULTLESS: Parts = { Store: ModelStore, Archive: ModelArchive };

/** Tells one story of a log, and returns what it has at its end. */
async function tell(seed: number, weather: Weather, parts: Parts = FAULTLESS) {
  const random = seeded(seed);
  let isCalm = false;
  const point = (): void => {
    if (!isCalm && random() < weather.crashes) throw new Crash();
  };
  const store = new parts.Store(point);
  const archive = new parts.Archive(() => (isCalm ? 1 : random()), weather.failures, point);
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

/** Returns what a story of a log that was never restored does not keep. */
async function brokenBy(seed: number, weather: Weather, parts?: Parts): Promise<unknown> {
  const { ids, acknowledged, witnessed, stopped } = await tell(seed, weather, parts);
  const known = new Set(acknowledged);
  return differenceOf(
    { repeated: ids.length - new Set(ids).size, stopped, largest: witnessed.largest },
    { repeated: 0, stopped: undefined, largest: ids.length },
    [ids.filter((id) => known.has(id)), acknowledged],
  );
}

/** Returns what a story of a restored log does not keep. */
async function brokenByRestore(seed: number, weather: Weather, parts?: Parts): Promise<unknown> {
  const { ids, archived, witnessed, stopped } = await tell(seed, weather, parts);
  const found = new Set(ids);
  return differenceOf(
    { repeated: ids.length - found.size, stopped, largest: witnessed.largest },
    { repeated: 0, stopped: undefined, largest: ids.length },
    [[...archived].filter((id) => !found.has(id)), []],
  );
}

function differenceOf(
  is: object,
  must: object,
  [ids, mustBe]: readonly [readonly string[], readonly string[]],
): unknown {
  const isSame = JSON.stringify([is, ids]) === JSON.stringify([must, mustBe]);
  return isSame ? undefined : { is, must, ids, mustBe };
}

const CALAMITIES: readonly (readonly [string, Weather])[] = [
  ['crashes at any point', { crashes: 0.05, failures: 0, restores: 0 }],
  ['has an archive that loses answers', { crashes: 0, failures: 0.15, restores: 0 }],
  ['meets both', { crashes: 0.04, failures: 0.1, restores: 0 }],
];
const RESTORED: Weather = { crashes: 0.03, failures: 0.06, restores: 0.08 };

describe('a log', () => {
  test.each(CALAMITIES)('that %s signs one history and loses no record', async (_, weather) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      expect(await brokenBy(seed, weather), `seed ${seed}`).toBeUndefined();
    }
  });

  test('that is restored to any point in time signs one history, and loses no archived record', async () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      expect(await brokenByRestore(seed, RESTORED), `seed ${seed}`).toBeUndefined();
    }
  });
});

/** Appends again what the archive has after a restore. */
class AppendsAgain extends ModelStore {
  override adopt(state: SealState): void {
    super.adopt(state, new Set());
  }
}

/** Says that it has written the tail now and then, and has not. */
class LosesTails extends ModelArchive {
  #tails = 0;

  override async replace(...[path, bytes, etag]: Parameters<ModelArchive['replace']>) {
    if (path === 'tail') this.#tails += 1;
    if (path !== 'tail' || this.#tails % 3 > 0) return super.replace(path, bytes, etag);
    return this.objects.get(path)?.etag ?? 'none';
  }
}

/** Overwrites what is there, instead of comparing. */
class Overwrites extends ModelArchive {
  override create(path: string, bytes: Uint8Array<ArrayBuffer>) {
    this.objects.delete(path);
    const other = path.includes('/entries/') ? bytes.map((byte) => byte ^ 1) : bytes;
    return super.create(path, other as Uint8Array<ArrayBuffer>);
  }
}

/** The stories find faults: each of these logs breaks a promise in some of them. */
describe('the stories find a log that', () => {
  const found = async (story: () => Promise<unknown>): Promise<boolean> => {
    try {
      return (await story()) !== undefined;
    } catch {
      return true;
    }
  };
  const [[, weather]] = CALAMITIES as [readonly [string, Weather]];

  test.each<[string, Partial<Parts>, typeof brokenBy, Weather]>([
    ['loses a tail', { Archive: LosesTails }, brokenBy, weather],
    ['changes a bundle', { Archive: Overwrites }, brokenBy, weather],
    ['appends again after a restore', { Store: AppendsAgain }, brokenByRestore, RESTORED],
  ])('%s', async (_, parts, brokenIn, met) => {
    let isFound = false;
    for (let seed = 1; seed <= RUNS && !isFound; seed++) {
      isFound = await found(() => brokenIn(seed, met, { ...FAULTLESS, ...parts }));
    }
    expect(isFound).toBe(true);
  });
});
