import type { UnixSeconds } from '../../clock.ts';
import type { ResumptionEntry, SuspensionEntry } from '../format/entry.ts';

interface Stop {
  /** Of the newest entry, which decides whether the workflow is suspended. */
  readonly seq: number;
  readonly isSuspended: boolean;
  /** Tokens of a smaller generation are denied. */
  readonly genMin: number;
  readonly expires: UnixSeconds;
}

export type StopHit =
  | { readonly by: 'suspension'; readonly id: string }
  | { readonly by: 'generation'; readonly id: string; readonly genMin: number };

/** The suspended workflows, and the token generations that resumptions have ended. */
export class WorkflowStops {
  readonly #stops = new Map<string, Stop>();

  get size(): number {
    return this.#stops.size;
  }

  /**
   * Adds an entry, in any order: the highest `seq` decides whether the workflow is suspended, and
   * the highest `gen` counts.
   */
  add(entry: SuspensionEntry | ResumptionEntry): void {
    const known = this.#stops.get(entry.id);
    const isNewer = !known || entry.seq > known.seq;
    const gen = entry.kind === 'resumption' ? entry.gen : 0;
    this.#stops.set(entry.id, {
      seq: isNewer ? entry.seq : known.seq,
      isSuspended: isNewer ? entry.kind === 'suspension' : known.isSuspended,
      genMin: Math.max(gen, known?.genMin ?? 0),
      expires: Math.max(entry.expires, known?.expires ?? 0),
    });
  }

  /**
   * A suspension of a parent stops its children. A generation applies to the workflow's own tokens.
   */
  find(workflow: string, ancestors: readonly string[], gen: number): StopHit | undefined {
    if (this.#stops.size === 0) return undefined;
    for (const id of [workflow, ...ancestors]) {
      if (this.#stops.get(id)?.isSuspended) return { by: 'suspension', id };
    }
    const genMin = this.#stops.get(workflow)?.genMin ?? 0;
    return gen < genMin ? { by: 'generation', id: workflow, genMin } : undefined;
  }

  dropExpired(now: UnixSeconds): void {
    for (const [id, { expires }] of this.#stops) {
      if (expires < now) this.#stops.delete(id);
    }
  }
}
