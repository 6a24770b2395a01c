import type { UnixSeconds } from '../../../src/clock.ts';
import { FAMILY_LABELS_MAX, WORKFLOW_SECONDS_MAX } from '../../../src/limits.ts';
import type { OnDemandStorage } from '../platform/on-demand.ts';
import type { LastingLabel } from './binding.ts';
import { lastingLabelTable } from './tables.ts';

/** The labels of one object. Call every write in a transaction. */
export class LastingLabels {
  readonly #storage: OnDemandStorage;

  constructor(storage: OnDemandStorage) {
    this.#storage = storage;
  }

  all(): readonly LastingLabel[] {
    if (!this.#storage.has('lasting_label')) return [];
    return this.#storage.sql
      .exec('SELECT label, at, workflow, tool, until FROM lasting_label ORDER BY label')
      .toArray()
      .map((row) => lastingLabelTable.read(row));
  }

  /** Adds labels, or lets them last longer. Returns false, and adds none, if there are too many. */
  add(labels: readonly LastingLabel[], now: UnixSeconds): boolean {
    const kept = this.all().filter((one) => endOf(one) >= now);
    const known = new Map(kept.map((one) => [one.label, one]));
    for (const one of labels) {
      const until = Math.max(one.until, known.get(one.label)?.until ?? 0);
      known.set(one.label, { ...one, until });
    }
    if (known.size > FAMILY_LABELS_MAX) return false;
    this.#storage.ensure('lasting_label');
    const { sql } = this.#storage;
    sql.exec('DELETE FROM lasting_label');
    for (const { label, at, workflow, tool, until } of known.values()) {
      sql.exec(
        'INSERT INTO lasting_label (label, at, workflow, tool, until) VALUES (?, ?, ?, ?, ?)',
        ...[label, at, workflow, tool, until],
      );
    }
    return true;
  }

  /** From then on, nothing of it holds a workflow. */
  end(): UnixSeconds {
    return Math.max(0, ...this.all().map(endOf));
  }
}

/** The last workflow that it holds may begin at its very end. */
const endOf = ({ until }: LastingLabel): UnixSeconds => until + WORKFLOW_SECONDS_MAX;
