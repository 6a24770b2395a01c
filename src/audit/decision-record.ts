import * as v from 'valibot';
import type { DenialCode } from '../denials/index.ts';
import { CALL_DATASETS_MAX } from '../limits.ts';
import type { Evidence } from '../verifier/index.ts';
import { outcome } from './outcome.ts';
import { attribution, text, unixMilliseconds } from './record-base.ts';

export const decisionRecord = v.strictObject({
  event: v.literal('decision'),
  /** Deterministic for a verifier and its counter, so that a batch sent twice is written once. */
  id: text(128),
  at: unixMilliseconds,
  /** A verifier's instance and its own count of records: a gap in `n` is a lost record. */
  verifier: text(64),
  n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  ...attribution,
  /** Revocation ids of the token's blocks, authority block first. */
  blocks: v.pipe(v.array(text(256)), v.maxLength(32)),
  method: v.optional(text(128)),
  tool: v.optional(text(512)),
  action: v.optional(text(16)),
  datasets: v.optional(v.pipe(v.array(text(512)), v.maxLength(CALL_DATASETS_MAX))),
  tier: v.optional(v.picklist([0, 1, 2, 3])),
  head: v.optional(v.strictObject({ epoch: v.number(), seq: v.number(), ageSeconds: v.number() })),
  allowed: v.boolean(),
  stale: v.optional(v.boolean()),
  /** Its budget was taken before it was allowed: the record is not counted again. */
  charged: v.optional(v.literal(true)),
  code: v.optional(text(64)),
  /** The denial's data: which check of which block, which dataset, which entry of the feed. */
  detail: v.optional(v.record(text(64), v.union([text(2_048), v.number()]))),
  /** Of a call of tier 3: the record that was written before it. */
  dispatch: v.optional(text(128)),
  /** An allowed call without one was made; an outcome record follows where it is known. */
  outcome: v.optional(outcome),
});

export type DecisionRecord = v.InferOutput<typeof decisionRecord>;

/** A decision of the verifier, or a denial by what stands around it, for the record. */
export type Recorded =
  | { readonly allowed: true; readonly stale: boolean; readonly evidence: Evidence }
  | {
      readonly allowed: false;
      readonly denial: { readonly code: DenialCode };
      readonly evidence: Evidence;
    };

/** The record of a decision, without the outcome that may still come. */
export function toDecisionRecord(
  decision: Recorded,
  stamp: {
    readonly verifier: string;
    readonly n: number;
    readonly at: number;
    readonly method?: string;
  },
): DecisionRecord {
  const { revocationIds, datasets, tool, action, ...evidence } = decision.evidence;
  const { method, ...numbered } = stamp;
  const record: DecisionRecord = {
    event: 'decision',
    id: `${stamp.verifier}.${stamp.n}`,
    ...numbered,
    ...evidence,
    blocks: [...revocationIds],
    allowed: decision.allowed,
  };
  // What the caller named, which is recorded also where it was refused for its form.
  if (method !== undefined) record.method = quote(method, 128);
  if (tool !== undefined) record.tool = quote(tool, 512);
  if (action !== undefined) record.action = quote(action, 16);
  if (datasets) {
    record.datasets = datasets.slice(0, CALL_DATASETS_MAX).map((dataset) => quote(dataset, 512));
  }
  if (decision.allowed) return { ...record, stale: decision.stale };
  const { code, ...data } = decision.denial;
  return { ...record, code, detail: readableDetail(data) };
}

/** Bounded texts and numbers: a denial's data may quote a holder's own check or name. */
function readableDetail(data: Readonly<Record<string, unknown>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : quote(String(value), 2_048),
    ]),
  );
}

/**
 * A stranger's text, cut, and with what a log or a terminal cannot show replaced. What a caller
 * without types described a call by may be no text: the denial of it is recorded all the same.
 */
const quote = (value: unknown, lengthMax: number): string =>
  (typeof value === 'string' ? value : `(${value === null ? 'null' : typeof value})`)
    .slice(0, lengthMax)
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\u{FFFD}');
