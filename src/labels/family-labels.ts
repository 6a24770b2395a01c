import { type Clock, isWithin, readClock, type UnixMilliseconds } from '../clock.ts';
import { LABELS_KNOWN_SECONDS, LEDGER_MILLISECONDS_MAX } from '../limits.ts';
import { type Report, report } from '../report.ts';
import type { Result } from '../result.ts';
import { rootWorkflowOf } from '../root-workflow.ts';
import { within } from '../within.ts';

/** A verifier's request to set labels of a workflow's family, before it serves an answer. */
export interface LabelRequest {
  readonly workflow: string;
  /** The tool whose answer carries them. */
  readonly tool: string;
  readonly labels: readonly string[];
  /** The labels that hold later workflows of the same agents and subjects, with the seconds. */
  readonly lasts?: Readonly<Record<string, number>>;
}

/** Why labels are not set. */
export type LabelRefusal =
  | { readonly code: 'workflow_stopped'; readonly state: string }
  | { readonly code: 'too_many_labels' };

/** A verifier's client of the issuer's labels. It may throw, and may be retried. */
export interface LabelClient {
  /** Returns all labels of the family, once they are stored. */
  raise(request: LabelRequest): Promise<Result<readonly string[], LabelRefusal>>;
}

/** Families that are remembered. Beyond it all are forgotten, and requested again. */
const FAMILIES_MAX = 10_000;
/** A family is requested again after this time, so that a restored issuer learns its labels. */
const KNOWN_MILLISECONDS = LABELS_KNOWN_SECONDS * 1_000;

interface Family {
  readonly labels: ReadonlySet<string>;
  /** How long labels last, as this verifier has reported it. */
  readonly lasts: Readonly<Record<string, number>>;
  readonly since: UnixMilliseconds;
}

/**
 * The labels of workflow families, as far as one verifier knows them. They only grow. A family is a
 * root workflow with all workflows below it.
 */
export class FamilyLabels {
  readonly #client: LabelClient;
  readonly #now: Clock;
  readonly #report: Report;
  readonly #families = new Map<string, Family>();

  constructor(client: LabelClient, now: Clock = readClock, reporter: Report = report) {
    this.#client = client;
    this.#now = now;
    this.#report = reporter;
  }

  /** Returns the labels that this verifier has set or heard of. */
  known(workflow: string): readonly string[] {
    return [...(this.#families.get(rootWorkflowOf(workflow))?.labels ?? [])];
  }

  /**
   * Returns true once the issuer has these labels: at once if this verifier has set them before.
   * False if they could not be set, and then nothing that carries them may be served.
   */
  async raise(request: LabelRequest): Promise<boolean> {
    const root = rootWorkflowOf(request.workflow);
    const { lasts = {} } = request;
    const family = this.#families.get(root);
    const isKnown =
      family !== undefined &&
      isWithin(family.since, this.#now(), KNOWN_MILLISECONDS) &&
      request.labels.every((label) => family.labels.has(label)) &&
      Object.entries(lasts).every(([label, seconds]) => (family.lasts[label] ?? 0) >= seconds);
    if (isKnown || request.labels.length === 0) return true;
    try {
      const raised = await within(this.#client.raise(request), LEDGER_MILLISECONDS_MAX);
      if (!raised.ok) {
        this.#report('labels.failed', { code: raised.error.code });
        return false;
      }
      if (!request.labels.every((label) => raised.value.includes(label))) return false;
      if (this.#families.size >= FAMILIES_MAX) this.#families.clear();
      const told = { ...family?.lasts, ...lasts };
      this.#families.set(root, { labels: new Set(raised.value), lasts: told, since: this.#now() });
      return true;
    } catch (error) {
      this.#report('labels.failed', { code: error instanceof Error ? error.name : typeof error });
      return false;
    }
  }
}
