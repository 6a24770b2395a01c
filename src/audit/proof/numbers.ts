import type { AuditRecord } from '../kinds/index.ts';

/** A verifier numbers its records for each log, and its name there ends with that log's number. */
const NUMBERED_FOR_ONE_LOG = /-\d+$/;

/** A recorded gap may be as long as its verifier says. */
const GAP_NUMBERS_MAX = 1_000_000;
const NAMED_MAX = 20;

interface Numbers {
  readonly seen: Set<number>;
  least: number;
  most: number;
}

/** The numbers of the records of each verifier in an export. */
export class VerifierNumbers {
  readonly #verifiers = new Map<string, Numbers>();
  readonly #gaps: string[] = [];

  /**
   * Notes a record of an export that has all records of its log; `isFromStart` if they begin with
   * the first one. Verifiers count from 1.
   */
  note(record: AuditRecord, isFromStart: boolean): void {
    if (record.event === 'gap') {
      const { verifier, after, before } = record;
      this.#gaps.push(`the records of ${verifier} between ${after} and ${before} never arrived`);
      const end = Math.min(before, after + GAP_NUMBERS_MAX);
      for (let n = after + 1; n < end; n++) this.#note(verifier, n, isFromStart);
      return;
    }
    const { verifier, n } = record as { readonly verifier?: unknown; readonly n?: unknown };
    if (typeof verifier !== 'string' || typeof n !== 'number') return;
    if (NUMBERED_FOR_ONE_LOG.test(verifier)) this.#note(verifier, n, isFromStart);
  }

  /** Returns the gaps that the log recorded, and those of which it has no record. */
  gaps(): readonly string[] {
    const unrecorded = [...this.#verifiers].flatMap(([verifier, { seen, least, most }]) => {
      const missing: number[] = [];
      for (let n = least; n < most && missing.length < NAMED_MAX; n++) {
        if (!seen.has(n)) missing.push(n);
      }
      if (missing.length === 0) return [];
      return [`the log has no records ${missing.join(', ')} of ${verifier}, and names no gap`];
    });
    return [...this.#gaps, ...unrecorded];
  }

  #note(verifier: string, n: number, isFromStart: boolean): void {
    const known = this.#verifiers.get(verifier) ?? {
      seen: new Set<number>(),
      least: isFromStart ? 1 : n,
      most: n,
    };
    known.seen.add(n);
    known.least = Math.min(known.least, n);
    known.most = Math.max(known.most, n);
    this.#verifiers.set(verifier, known);
  }
}
