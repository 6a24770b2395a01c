import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { toHex } from '../../../../../src/encoding.ts';
import { decodeRecords } from '../../../../../src/feed/log/index.ts';
import type { AppendReceipt } from '../../../../../workers/issuer/feed/binding.ts';
import {
  draftKey,
  type StopDraft,
  type WatermarkDraft,
} from '../../../../../workers/issuer/feed/entry-draft.ts';
import { archive, env, get, log, restartLog, seconds, watermarkRecord } from '../scene.ts';
import { archiveWeather } from './archive-weather.ts';
import { type EntryDraft, isDead, type Model } from './model.ts';
import { photograph } from './photograph.ts';
import { Verifier } from './verifier.ts';

/** The log, its archive, its verifiers, and every record that was ever seen. */
export class World {
  readonly verifiers: readonly Verifier[];
  readonly #model: Model;
  readonly #photographs: (() => Promise<void>)[] = [];
  /** Whether the log was restored and has not asked its archive yet. */
  #isRestored = false;
  /** Records by sequence number. A number never belongs to two entries. */
  readonly #records = new Map<number, string>();

  constructor(model: Model, options: { hasFloors: boolean; witnesses?: string }) {
    this.#model = model;
    this.verifiers = [0, 1, 2].map(
      (n) =>
        new Verifier({
          hasFloor: options.hasFloors && n > 0,
          ...(n === 2 && options.witnesses !== undefined && { witnesses: options.witnesses }),
        }),
    );
  }

  async append(drafts: readonly StopDraft[]): Promise<void> {
    const [first] = drafts;
    if (!first) return;
    await this.#ordered(drafts, async () =>
      drafts.length === 1 ? [await log().append(first)] : log().appendAll(drafts),
    );
  }

  async appendWatermark(draft: WatermarkDraft): Promise<void> {
    await this.#ordered([draft], async () => {
      const answer = await log().appendWatermark(draft, watermarkRecord(draftKey(draft)));
      if (!answer.ok) throw new Error(answer.error.code);
      return [answer.value];
    });
  }

  /** Nothing relies on an entry without an acknowledgement, but no append fails without a fault. */
  async #ordered(
    drafts: readonly EntryDraft[],
    append: () => Promise<readonly AppendReceipt[]>,
  ): Promise<void> {
    const recorded = await append().catch((error: unknown) => {
      if (archiveWeather.now === 'up') throw error;
      return [];
    });
    if (recorded.length > 0) this.#isRestored = false;
    for (const [at, { seq, archived }] of recorded.entries()) {
      const draft = drafts[at];
      if (!draft) continue;
      const isNew = !this.#model.knows(draft);
      this.#model.acknowledge(draft, seq, archived);
      if (isNew && archived && archiveWeather.now !== 'up') {
        throw new Error('An entry counts as archived although the archive is unreachable.');
      }
    }
  }

  async refresh(verifier: Verifier): Promise<void> {
    const before = [...this.#model.expected()];
    const stopped = before.filter(([question]) => verifier.stops(question));
    const isFresh = await verifier.refresh().catch((error: unknown) => {
      if (archiveWeather.now === 'up') throw error;
      return false;
    });
    for (const [question, isStopped] of isFresh ? before : stopped) {
      if (isStopped && !verifier.stops(question)) {
        throw new Error(`lives at a verifier: ${JSON.stringify(question)}`);
      }
    }
    if (!isFresh) return;
    for (const [question, isStopped] of before) {
      if (!isStopped && verifier.stops(question)) {
        throw new Error(`was never stopped: ${JSON.stringify(question)}`);
      }
      if ((await log().isStopped(question)) !== isStopped) {
        throw new Error(`the issuer says otherwise: ${JSON.stringify(question)}`);
      }
    }
  }

  async head(): Promise<void> {
    const response = await get('/feed/v2/0/head');
    if (response.ok) this.#isRestored = false;
    else if (archiveWeather.now === 'up') throw new Error(`head: ${response.status}`);
    await response.body?.cancel();
  }

  /** Checks the records that the log serves: no gap, no change, no duplicate. */
  async readDeltas(): Promise<void> {
    const state = await this.#state();
    const seen = new Map<string, number>();
    for (let from = state.deltaFrom; from < state.seq; ) {
      const to = Math.min(from + 1_024, state.seq);
      const bytes = await log().delta(state.epoch, from, to);
      const records = bytes && decodeRecords(bytes);
      if (!records) throw new Error(`no delta ${state.epoch} ${from}-${to}`);
      for (const { entry, record } of records) {
        from += 1;
        const hex = toHex(record);
        const { seq, at: _at, expires, ...what } = entry;
        if (seq !== from || (this.#records.get(seq) ?? hex) !== hex) {
          throw new Error(`entry ${seq} at ${from} is not what it was`);
        }
        this.#records.set(seq, hex);
        const key = JSON.stringify(what);
        const isOnce = entry.kind === 'workflow' || entry.kind === 'block';
        if (isOnce && expires >= seconds() && seen.has(key)) throw new Error(`${key} twice`);
        seen.set(key, seq);
      }
    }
  }

  /** Fires the alarm if it is set, and again if it was set twice. */
  async alarm(): Promise<void> {
    await runDurableObjectAlarm(env.REVOCATION_LOG.getByName('default')).catch((error) => {
      if (archiveWeather.now === 'up') throw error;
    });
  }

  async loseAlarm(): Promise<void> {
    await runInDurableObject(log(), (_log, { storage }) => storage.deleteAlarm());
  }

  async loseArchive(): Promise<void> {
    // If both copies are lost at once, nothing is guaranteed.
    if (this.#isRestored) return;
    await runInDurableObject(archive(), (_archive, { storage }) => {
      storage.sql.exec('DELETE FROM kept');
      storage.sql.exec('DELETE FROM position');
    });
    this.#model.isCopied = this.#model.acknowledged.size === 0;
  }

  async restart(): Promise<void> {
    await log().watermarks();
    await restartLog();
  }

  async photograph(): Promise<void> {
    this.#photographs.push(await photograph());
  }

  async restore(which: number): Promise<void> {
    const { length } = this.#photographs;
    if (length === 0) return;
    this.#isRestored = true;
    await this.#photographs[which % length]?.();
  }

  /** Connects everything again: then nothing may be missing anywhere. */
  async settle(): Promise<void> {
    archiveWeather.now = 'up';
    await this.append([{ kind: 'workflow', id: 'wf_last', at: seconds(), expires: 2 ** 33 }]);
    await this.readDeltas();
    for (const verifier of this.verifiers) {
      verifier.way = 'open';
      await this.refresh(verifier);
      verifier.restart();
      await this.refresh(verifier);
    }
    if (!this.#model.isCopied) throw new Error('the archive was not caught up with');
    await this.#archiveHasAll();
  }

  async #archiveHasAll(): Promise<void> {
    const kept = new Set<string>();
    for (let page = await archive().since(0, 0); page.length > 0; ) {
      for (const { record } of page) {
        const [read] = decodeRecords(record) ?? [];
        if (read && 'id' in read.entry) kept.add(`${read.entry.kind} ${read.entry.id}`);
      }
      page = await archive().since(page.at(-1)?.seq ?? 0, 0);
    }
    for (const { draft } of this.#model.acknowledged.values()) {
      const isKept = draft.kind === 'watermark' || kept.has(`${draft.kind} ${draft.id}`);
      if (!isDead(draft) && !isKept) throw new Error(`not archived: ${JSON.stringify(draft)}`);
    }
  }

  async #state(): Promise<{ epoch: number; seq: number; deltaFrom: number }> {
    return runInDurableObject(log(), (_log, { storage }) => {
      const { epoch, seq, delta_from } = storage.sql.exec('SELECT * FROM log').one();
      return { epoch: Number(epoch), seq: Number(seq), deltaFrom: Number(delta_from) };
    });
  }
}
