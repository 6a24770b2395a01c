import type { UnixSeconds } from '../../../src/clock.ts';
import type { LabelRequest } from '../../../src/labels/index.ts';
import { LABELS_KNOWN_SECONDS } from '../../../src/limits.ts';
import { earlierOf, type IssuerEnv } from '../platform/env.ts';
import type { LastingLabel } from '../tally/binding.ts';
import type { WorkflowRows } from './rows.ts';

/** Agents with their subjects in one tree. Each is one more object to ask. */
const PAIRS_MAX = 16;

interface EarlierLabelsParts {
  readonly env: () => IssuerEnv;
  readonly rows: WorkflowRows;
}

/**
 * The labels that hold more than one tree: what an agent read for a subject in one workflow, it may
 * carry away with the next. All agents of a tree are taken together, because what one of them reads
 * the others may be told.
 */
export class EarlierLabels {
  readonly #parts: EarlierLabelsParts;

  constructor(parts: EarlierLabelsParts) {
    this.#parts = parts;
  }

  /** Tells later workflows. Returns false if that failed, and rejects without an answer. */
  async tell({ workflow, tool, labels, lasts = {} }: LabelRequest, now: UnixSeconds) {
    const told = labels.flatMap((label): readonly LastingLabel[] => {
      const seconds = Object.hasOwn(lasts, label) ? lasts[label] : undefined;
      // A verifier does not repeat what it told a short time ago, so the last read may be later.
      return seconds === undefined
        ? []
        : [{ label, at: now, workflow, tool, until: now + seconds + LABELS_KNOWN_SECONDS }];
    });
    if (told.length === 0) return true;
    const pairs = this.#pairs();
    if (pairs.length > PAIRS_MAX) return false;
    const kept = await Promise.all(pairs.map((tally) => tally.remember(told)));
    return kept.every(Boolean);
  }

  /** Returns the labels of earlier workflows. Undefined if there are too many to ask. */
  async heard(): Promise<readonly LastingLabel[] | undefined> {
    const pairs = this.#pairs();
    if (pairs.length > PAIRS_MAX) return undefined;
    const begun = Math.min(...this.#parts.rows.tree().map(({ start }) => start.startedAt));
    return (await Promise.all(pairs.map((tally) => tally.lasting(begun)))).flat();
  }

  #pairs() {
    const { env, rows } = this.#parts;
    const pairs = new Map(
      rows
        .tree()
        .map(({ start: { agent, subject } }) => [
          JSON.stringify([agent, subject]),
          { agent, subject },
        ]),
    );
    return [...pairs.values()].map(({ agent, subject }) => earlierOf(env(), agent, subject));
  }
}
