import type { ResumptionEntry, SuspensionEntry } from '../format/entry.ts';

interface Stop {
  /** Of the entry that said last whether it is suspended. */
  readonly seq: number;
  readonly isSuspended: boolean;
  /** Tokens of a smaller one are dead. */
  readonly genMin: number;
  /** Unix seconds. */
  readonly expires: number;
}

export type StopHit =
  | { readonly by: 'suspension'; readonly id: string }
  | { readonly by: 'generation'; readonly id: string; readonly genMin: number };

/** Which workflows are suspended, and which tokens a resumption has left behind. */
export class WorkflowStops {
  readonly #stops = new Map<string, Stop>();

  get size(): number {
    return this.#stops.size;
  }

  /** In any order: the highest `seq` says whether it is suspended, the highest `gen` counts. */
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

  /** A suspended parent stops its children; a generation is of the workflow's own tokens. */
  find(workflow: string, ancestors: readonly string[], gen: number): StopHit | undefined {
    if (this.#stops.size === 0) return undefined;
    for (const id of [workflow, ...ancestors]) {
      if (this.#stops.get(id)?.isSuspended) return { by: 'suspension', id };
    }
    const genMin = this.#stops.get(workflow)?.genMin ?? 0;
    return gen < genMin ? { by: 'generation', id: workflow, genMin } : undefined;
  }

  dropExpired(nowSeconds: number): void {
    for (const [id, { expires }] of this.#stops) {
      if (expires < nowSeconds) this.#stops.delete(id);
    }
  }
}
