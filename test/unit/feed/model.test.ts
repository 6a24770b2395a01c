import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FeedEntry,
  type FeedFloor,
  FeedReplica,
  type Head,
  type Position,
} from '../../../src/feed/index.ts';
import { ISSUER } from '../fixtures/issuer.ts';
import {
  deltaOf,
  feedKeys,
  headOver,
  question,
  seconds,
  sign,
  snapshotOf,
} from '../fixtures/log.ts';

/**
 * Compares a replica with a list of entries that is evaluated from scratch for each query. A log and
 * a verifier interleave at random: appends, deltas, snapshots, replays, forks, tampering, new epochs
 * (complete and incomplete), restarts with the floor, and time.
 */
type Kind = Exclude<FeedEntry['kind'], 'withdrawal' | 'denial' | 'lift'>; // Those are in the head.
type Move =
  | { readonly do: 'append'; readonly kind: Kind; readonly id: number; readonly lives: number }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'sync' | 'start'; readonly cut: boolean }
  | { readonly do: 'replay' | 'fork' | 'tamper' | 'restart' | 'epoch' | 'forget' };

const MOVES: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      kind: fc.constantFrom<Kind>('workflow', 'block', 'suspension', 'resumption', 'watermark'),
      id: fc.nat(3),
      lives: fc.constantFrom(30, 300, 3_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.integer({ min: 1, max: 200 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('sync' as const, 'start' as const),
      cut: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('replay', 'fork', 'tamper', 'restart', 'epoch', 'forget'),
    }) as fc.Arbitrary<Move>,
  },
);

interface Update {
  readonly head: Head;
  readonly snapshot?: Uint8Array<ArrayBuffer>;
  readonly delta: Uint8Array<ArrayBuffer>;
}

class Scene {
  now = 0;
  /** Every entry of the log. */
  readonly entries: FeedEntry[] = [];
  #epoch = 1;
  #previous: Position | null = null;
  #base: Update['snapshot'];
  #baseHead: Head['snapshot'] = null;
  readonly #sent: Update[] = [];
  replica = newReplica();
  /** What the verifier has applied, before or after a restart. */
  floor: FeedFloor | undefined;
  /** How many of the entries the verifier has. */
  applied = 0;

  #own = () => this.entries.filter(({ seq }) => seq > (this.#previous?.seq ?? 0));
  #start = () => ({ epoch: this.#epoch, previous: this.#previous });

  append(kind: Kind, n: number, lives: number): void {
    const seq = this.entries.length + 1;
    const before = this.entries.filter((one) => 'id' in one && one.id === `wf_${n}`);
    const expires = Math.max(
      seconds(this.now + lives),
      // A verifier that learns of a suspension must learn of its end.
      ...(kind === 'resumption' ? before.map((one) => one.expires) : []),
    );
    const gen = 1 + before.filter((one) => one.kind === 'resumption').length;
    const what = {
      workflow: { id: `wf_${n}` },
      block: { id: `0${n}` },
      suspension: { id: `wf_${n}` },
      resumption: { id: `wf_${n}`, gen: gen + 1 },
      watermark: { scope: 'owner', value: `team:${n}`, before: seconds(this.now) },
    }[kind];
    this.entries.push({ kind, seq, at: seconds(this.now), expires, ...what } as FeedEntry);
  }

  async head(changes: Partial<Head> = {}): Promise<Head> {
    const watermarks = this.entries
      .filter((one) => one.kind === 'watermark' && one.expires >= seconds(this.now))
      .map((one) => {
        const { scope, value, before, expires } = one as Extract<FeedEntry, { kind: 'watermark' }>;
        return { scope, value, before, expires };
      });
    const base = this.#baseHead && { snapshot: this.#baseHead };
    return headOver(this.#own(), this.now, { ...this.#start(), ...base, watermarks, ...changes });
  }

  /** By deltas from the current state, or from a snapshot of now. */
  async update(fromSnapshot: boolean): Promise<Update> {
    const current = this.replica.head;
    const isOn = current?.epoch === this.#epoch;
    if (fromSnapshot) {
      const { bytes, reference } = await this.#snapshot();
      return {
        head: await this.head({ snapshot: reference }),
        snapshot: bytes,
        delta: deltaOf([]),
      };
    }
    const from = isOn ? current.seq : (this.#previous?.seq ?? 0);
    const delta = deltaOf(this.entries.slice(from));
    const base = isOn || !this.#base ? {} : { snapshot: this.#base };
    return { head: await this.head(), delta, ...base };
  }

  async #snapshot() {
    const { seq, chain } = await headOver(this.#own(), this.now, this.#start());
    const live = new Map<string, FeedEntry>();
    for (const one of this.entries) {
      if (one.kind === 'watermark' || one.expires < seconds(this.now)) continue;
      const isStop = one.kind === 'suspension' || one.kind === 'resumption';
      const key = isStop || !('id' in one) ? `${one.seq}` : `${one.kind} ${one.id}`;
      const known = live.get(key);
      if (!known || known.expires < one.expires) live.set(key, one);
    }
    const { bytes, reference } = await snapshotOf([...live.values()]);
    return { bytes, reference: { ...reference, seq, chain } };
  }

  /** Returns whether the update was applied. */
  async offer({ head, snapshot, delta }: Update): Promise<boolean> {
    const opened = await this.replica.open(await sign(head), seconds(this.now));
    if (!opened.ok) return false;
    const applied = await this.replica.apply(opened.value, { snapshot, deltas: [delta] });
    if (!applied.ok) return false;
    const { epoch, seq, chain, issued_at } = head;
    this.floor = { epoch, seq, chain, issued_at };
    this.applied = Math.max(this.applied, seq);
    this.#sent.push({ head, delta, ...(snapshot && { snapshot }) });
    return true;
  }

  get sent(): readonly Update[] {
    return this.#sent;
  }

  restart(): void {
    this.replica = newReplica();
    if (this.floor) this.replica.startAt(this.floor);
  }

  /** Starts a new epoch after all entries, or after fewer than the verifier has seen. */
  async beginEpoch(previous: Position): Promise<void> {
    this.#previous = previous;
    this.#epoch += 1;
    const { bytes, reference } = await this.#snapshot();
    this.#base = bytes;
    this.#baseHead = reference;
  }

  async end(): Promise<Position> {
    const { epoch, seq, chain } = await headOver(this.#own(), this.now, this.#start());
    return { epoch, seq, chain };
  }
}

const newReplica = () => new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey });

const ASKED = [0, 1, 2, 3].flatMap((n) => [
  ...[1, 2, 3].map((gen) => question({ workflow: `wf_${n}`, gen, owner: 'x' })),
  question({ workflow: 'wf_child', ancestors: ['wf_x', `wf_${n}`], gen: 9, owner: 'x' }),
  question({ workflow: 'wf_x', blocks: ['ff', `0${n}`], owner: 'x' }),
  question({ workflow: 'wf_x', owner: `team:${n}`, issuedAt: new Date(seconds(100) * 1000) }),
]);

/** Returns whether a list of entries stops a token, read from the first to the last. */
function stops(entries: readonly FeedEntry[], asked: (typeof ASKED)[number]): boolean {
  const names = [asked.workflow, ...asked.ancestors];
  const suspended = new Map<string, boolean>();
  let genMin = 0;
  for (const one of entries) {
    if (one.kind === 'watermark') {
      if (one.value === asked.owner && asked.issuedAt.getTime() / 1000 < one.before) return true;
    } else if (one.kind === 'workflow' && names.includes(one.id)) return true;
    else if (one.kind === 'block' && asked.blocks.includes(one.id)) return true;
    else if (one.kind === 'suspension') suspended.set(one.id, true);
    else if (one.kind === 'resumption') {
      suspended.set(one.id, false);
      if (one.id === asked.workflow) genMin = Math.max(genMin, one.gen);
    }
  }
  return names.some((name) => suspended.get(name)) || asked.gen < genMin;
}

function compare(scene: Scene): void {
  const { head } = scene.replica;
  if (!head) return;
  const known = scene.entries.slice(0, scene.applied);
  const live = known.filter(({ expires }) => expires >= head.issued_at);
  const visible = scene.entries.filter((one) => known.includes(one) || one.kind === 'watermark');
  for (const asked of ASKED) {
    const found = scene.replica.find(asked) !== undefined;
    // Expired entries may or may not be forgotten. Any opened head makes its watermarks known.
    if (stops(live, asked)) expect(found, `live: ${JSON.stringify(asked)}`).toBe(true);
    if (found) expect(stops(visible, asked), `found: ${JSON.stringify(asked)}`).toBe(true);
  }
}

async function play(scene: Scene, move: Move): Promise<void> {
  const before = scene.replica.head;
  const refused = async (update: Update) => expect(await scene.offer(update)).toBe(false);
  switch (move.do) {
    case 'append':
      return scene.append(move.kind, move.id, move.lives);
    case 'wait':
      scene.now += move.seconds;
      return;
    case 'sync':
    case 'start': {
      const update = await scene.update(move.do === 'start');
      if (move.cut && update.delta.length > 0) {
        return refused({ ...update, delta: update.delta.slice(0, -1) });
      }
      expect(await scene.offer(update)).toBe(true);
      return;
    }
    case 'replay': {
      const older = scene.sent.filter(({ head }) => head.issued_at < (scene.floor?.issued_at ?? 0));
      for (const update of older.slice(-2)) await refused(update);
      return;
    }
    case 'fork': {
      if (!before || before.seq === 0) return;
      const update = await scene.update(false);
      if (update.head.epoch !== before.epoch || update.head.seq !== before.seq) return;
      return refused({
        ...update,
        head: { ...update.head, chain: '0'.repeat(64), snapshot: null, delta_from: 0 },
      });
    }
    case 'tamper': {
      const update = await scene.update(false);
      if (update.delta.length === 0) return;
      // The last byte of the id or value of the last record.
      return refused({ ...update, delta: update.delta.with(-1, (update.delta.at(-1) ?? 0) ^ 1) });
    }
    case 'restart':
      return scene.restart();
    case 'epoch':
      return scene.beginEpoch(await scene.end());
    case 'forget': {
      if (!scene.floor || scene.floor.seq === 0) return;
      const { epoch, seq, chain } = scene.floor;
      const previous = { epoch, seq: seq - 1, chain };
      const { bytes, reference } = await snapshotOf([]);
      const snapshot = { ...reference, seq, chain };
      const changes = { epoch: epoch + 1, previous, snapshot, delta_from: seq - 1, seq, chain };
      return refused({ head: await scene.head(changes), snapshot: bytes, delta: deltaOf([]) });
    }
  }
}

test('a replica agrees with the list of entries, and never goes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(MOVES, { maxLength: 30 }), async (moves) => {
      const scene = new Scene();
      for (const move of moves) {
        const before = scene.replica.head;
        await play(scene, move);
        compare(scene);
        const { head } = scene.replica;
        if (before && head) {
          expect(head.epoch).toBeGreaterThanOrEqual(before.epoch);
          expect(head.seq).toBeGreaterThanOrEqual(before.seq);
          expect(head.issued_at).toBeGreaterThanOrEqual(before.issued_at);
        }
      }
    }),
    { numRuns: 400 },
  );
});
