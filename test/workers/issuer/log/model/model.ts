import type { FeedQuery } from '../../../../../src/feed/index.ts';
import type { StopDraft, WatermarkDraft } from '../../../../../workers/issuer/feed/entry-draft.ts';
import { question } from '../scene.ts';

export type EntryDraft = StopDraft | WatermarkDraft;

/**
 * What every caller may expect of the log, without chain, epoch or snapshot: an acknowledged stop is
 * permanent.
 */
export class Model {
  /** The receipts, by draft key. */
  readonly acknowledged = new Map<string, { draft: EntryDraft; seq: number }>();
  /** Whether every acknowledged entry is in the archive, so the log may be restored. */
  isCopied = true;
  readonly stops = new Map<string, { isSuspended: boolean; gen: number }>();

  acknowledge(draft: EntryDraft, seq: number, isArchived: boolean): void {
    const key = keyOf(draft);
    const known = this.acknowledged.get(key);
    if (known && known.seq !== seq && !isDead(known.draft)) {
      throw new Error(`${key} was entry ${known.seq} and is ${seq}`);
    }
    this.acknowledged.set(key, { draft, seq });
    this.isCopied = isArchived;
    if (known || (draft.kind !== 'suspension' && draft.kind !== 'resumption')) return;
    this.stops.set(draft.id, { isSuspended: draft.kind === 'suspension', gen: draft.gen });
  }

  knows(draft: EntryDraft): boolean {
    return this.acknowledged.has(keyOf(draft));
  }

  /** The current generation of a workflow's tokens. */
  genOf(id: string): { isSuspended: boolean; gen: number } {
    return this.stops.get(id) ?? { isSuspended: false, gen: 1 };
  }

  /** Yields tokens and whether they are stopped. Dead entries may be forgotten, so they are left out. */
  *expected(): Generator<[FeedQuery, boolean]> {
    for (const { draft } of this.acknowledged.values()) {
      if (isDead(draft)) continue;
      if (draft.kind === 'workflow') {
        yield [question(draft.id), true];
        yield [question('wf_child', { ancestors: [draft.id] }), true];
      }
      if (draft.kind === 'block') yield [question('wf_x', { blocks: [draft.id] }), true];
      if (draft.kind === 'watermark') yield [question('wf_x', { owner: draft.value }), true];
    }
    for (const [id, { isSuspended, gen }] of this.stops) {
      yield [question(id, { gen: gen - 1 }), true];
      yield [question(id, { gen }), isSuspended];
    }
    yield [question('wf_nobody', { blocks: ['ee'.repeat(64)] }), false];
  }
}

function keyOf({ at: _at, expires: _expires, ...what }: EntryDraft): string {
  return JSON.stringify(what);
}

export const isDead = ({ expires }: EntryDraft): boolean => expires < Date.now() / 1000;
