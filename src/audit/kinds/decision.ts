import * as v from 'valibot';
import type { UnixMilliseconds } from '../../clock.ts';
import type { DenialCode } from '../../denials/index.ts';
import {
  CALL_DATASETS_MAX,
  FAMILY_LABELS_MAX,
  HOP_NAME_BYTES_MAX,
  HOPS_MAX,
} from '../../limits.ts';
import type { Evidence } from '../../verifier/index.ts';
import { provenance, recordedProvenance } from './attested.ts';
import {
  attribution,
  ID_CHARACTERS_MAX,
  quote,
  type RecordKind,
  refusedAgent,
  text,
  unixMilliseconds,
} from './base.ts';
import { type CallSample, callSample } from './sample.ts';

// Names as callers wrote them: longer ones than a grant can have, because a denial quotes them.
const VERIFIER_CHARACTERS_MAX = 64;
const METHOD_CHARACTERS_MAX = 128;
const NAME_CHARACTERS_MAX = 512;
const ACTION_CHARACTERS_MAX = 16;
const CODE_CHARACTERS_MAX = 64;
const DETAIL_CHARACTERS_MAX = 2_048;
const REVOCATION_ID_CHARACTERS_MAX = 256;
const BLOCKS_MAX = 32; // Twice what a verifier accepts.
const LABEL_CHARACTERS_MAX = 64;
const LABELS_MAX = 16;

/** The verifier that made a record, and its own count of records: a gap in `n` is a lost record. */
export const verifierStamp = {
  verifier: text(VERIFIER_CHARACTERS_MAX),
  n: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
};

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const thumbprint = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));

const hop = v.strictObject({
  by: thumbprint,
  to: thumbprint,
  name: v.optional(text(HOP_NAME_BYTES_MAX)),
});

/** The schema of what became of a call that was made. */
export const outcome = v.strictObject({
  /** The HTTP status of the answer to the agent. */
  status: v.pipe(v.number(), v.integer()),
  /** The upstream's own verdict: MCP tells a failed tool from a failed request. */
  result: v.picklist([
    ...(['ok', 'tool_error', 'protocol_error'] as const),
    /** The upstream refused by its status, so it did nothing. */
    'upstream_refused',
    /** The call may have happened. */
    'unknown',
    /** Gateways of 0.1.0 wrote these for `unknown`. */
    ...(['upstream_unreachable', 'too_large'] as const),
  ]),
  /** Why the result is unknown. */
  cause: v.optional(v.picklist(['timeout', 'connection', 'status', 'too_large', 'unreadable'])),
  milliseconds: v.pipe(v.number(), v.minValue(0)),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** SHA-256 of the answer's content as the agent received it; absent if that was not all of it. */
  answer: v.optional(hash),
});

/** What became of a call that was made: status, verdict of the upstream, duration and size. */
export type Outcome = v.InferOutput<typeof outcome>;

export const decisionRecord = v.strictObject({
  event: v.literal('decision'),
  /** Derived from verifier and counter, so that a batch that is sent twice is written once. */
  id: text(ID_CHARACTERS_MAX),
  at: unixMilliseconds,
  ...verifierStamp,
  ...attribution,
  /** Revocation ids of the token's blocks, authority block first. */
  blocks: v.pipe(v.array(text(REVOCATION_ID_CHARACTERS_MAX)), v.maxLength(BLOCKS_MAX)),
  /** By which keys the token was handed on, in order: see `Evidence`. */
  hops: v.optional(v.pipe(v.array(hop), v.minLength(1), v.maxLength(HOPS_MAX))),
  method: v.optional(text(METHOD_CHARACTERS_MAX)),
  tool: v.optional(text(NAME_CHARACTERS_MAX)),
  action: v.optional(text(ACTION_CHARACTERS_MAX)),
  datasets: v.optional(v.pipe(v.array(text(NAME_CHARACTERS_MAX)), v.maxLength(CALL_DATASETS_MAX))),
  tier: v.optional(v.picklist([0, 1, 2, 3])),
  head: v.optional(v.strictObject({ epoch: v.number(), seq: v.number(), ageSeconds: v.number() })),
  /** By which catalogue the call was judged, and the one of its mint if that was another. */
  catalogue: v.optional(v.strictObject({ judged: hash, minted: v.optional(hash) })),
  /** Of a call of a proven workflow: SHA-256 of the RFC 8785 form of the arguments. */
  request: v.optional(hash),
  /** The digest of the tool's definition that the catalogue pins. */
  definition: v.optional(hash),
  /** The labels of the source that the call reads, from the catalogue. */
  labels: v.optional(v.pipe(v.array(text(LABEL_CHARACTERS_MAX)), v.maxLength(LABELS_MAX))),
  /** The approval of exactly this call that the token carried: see `UsedApproval`. */
  approval: v.optional(
    v.strictObject({
      id: v.pipe(v.string(), v.regex(/^ap_[\w-]{22}$/)),
      by: text(NAME_CHARACTERS_MAX),
      version: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
      until: v.pipe(v.number(), v.safeInteger()),
      once: v.boolean(),
    }),
  ),
  /** Of a call that leaves: the labels of its workflow's family, and how they were known. */
  flow: v.optional(
    v.strictObject({
      labels: v.pipe(v.array(text(LABEL_CHARACTERS_MAX)), v.maxLength(FAMILY_LABELS_MAX)),
      label: v.picklist(['exact', 'leased', 'assumed']),
    }),
  ),
  /** Where the arguments came from, if the token asks for it. */
  provenance: v.optional(provenance),
  allowed: v.boolean(),
  stale: v.optional(v.boolean()),
  /** The route of the call only observed. */
  mode: v.optional(v.literal('observe')),
  /**
   * The call was made although the verifier would deny it: its route only observes. `code` and
   * `detail` say why. Neither budgets nor rules count it.
   */
  observed: v.optional(v.literal(true)),
  /** For a call whose route only observes: what `hewn observe` reports and learns from. */
  sample: v.optional(callSample),
  /** The budget was charged before the call was allowed, so the record is not counted again. */
  charged: v.optional(v.literal(true)),
  code: v.optional(text(CODE_CHARACTERS_MAX)),
  /** The denial's data: which check of which block, which dataset, which feed entry. */
  detail: v.optional(
    v.record(text(CODE_CHARACTERS_MAX), v.union([text(DETAIL_CHARACTERS_MAX), v.number()])),
  ),
  /** For a tier-3 call: the id of the dispatch record that precedes it. */
  dispatch: v.optional(text(ID_CHARACTERS_MAX)),
  /** An allowed call without an outcome was made; an outcome record follows if it is known. */
  outcome: v.optional(outcome),
});

/** The record of one decision: who called what with which blocks, and the verdict. */
export type DecisionRecord = v.InferOutput<typeof decisionRecord>;

export const decisionKind: RecordKind<DecisionRecord> = {
  from: decisionRecord,
  classOf: () => 'traffic',
  refusedParty({ allowed, workflow, agent }) {
    if (allowed) return undefined;
    // A token that did not hold names no workflow, so its caller is a stranger.
    return workflow === undefined ? 'stranger' : refusedAgent(agent);
  },
  written:
    'in tiers 2 and 3 with the call; else after the answer, or after a second without one; in batches',
  contents:
    'What was called, and whether it was allowed: the code of a denial with its data, the head and the catalogue it was decided on, and the outcome if it is known. `allowed` means that the call was made. `observed` means that it was made although it would be denied, because its route had the `mode` `observe`; the `sample` then has its arguments within bounds.',
};

/** A decision of the verifier, or a denial by the server around it, for `toDecisionRecord`. */
export type Recorded =
  | ({
      readonly allowed: true;
      readonly stale: boolean;
      readonly evidence: Evidence;
      /** The digest of the arguments, 64 hex digits. */
      readonly request?: string;
      /** Why the call would be denied if its route did not only observe. */
      readonly observed?: { readonly code: string };
    } & Observation)
  | ({
      readonly allowed: false;
      readonly denial: { readonly code: DenialCode };
      readonly evidence: Evidence;
      readonly request?: string;
    } & Observation);

/** What the record of a route that only observes has besides. */
export interface Observation {
  readonly mode?: 'observe';
  readonly sample?: CallSample;
}

/** Returns the record of a decision, without the outcome, which may follow. */
export function toDecisionRecord(
  decision: Recorded,
  stamp: {
    readonly verifier: string;
    readonly n: number;
    readonly at: UnixMilliseconds;
    readonly method?: string;
  },
): DecisionRecord {
  const { evidence: known, mode, sample } = decision;
  const { revocationIds, hops, datasets, tool, action, catalogue, labels, flow, ...rest } = known;
  const { provenance: attested, ...evidence } = rest;
  const { method, ...numbered } = stamp;
  const record: DecisionRecord = {
    event: 'decision',
    id: `${stamp.verifier}.${stamp.n}`,
    ...numbered,
    ...evidence,
    blocks: [...revocationIds],
    ...(hops && hops.length > 0 && { hops: hops.map((hop) => ({ ...hop })) }),
    allowed: decision.allowed && !decision.observed,
  };
  if (catalogue?.judged !== undefined) {
    const { judged, minted = judged } = catalogue;
    record.catalogue = { judged, ...(minted !== judged && { minted }) };
  }
  if (attested) record.provenance = recordedProvenance(attested);
  if (labels && labels.length > 0) record.labels = labels.slice(0, LABELS_MAX);
  if (flow) record.flow = { ...flow, labels: flow.labels.slice(0, FAMILY_LABELS_MAX) };
  if (decision.request !== undefined) record.request = decision.request;
  if (mode) record.mode = mode;
  if (sample && Object.keys(sample).length > 0) record.sample = sample;
  // The caller's own names, which are recorded even if they were denied for their form.
  if (method !== undefined) record.method = quote(method, METHOD_CHARACTERS_MAX);
  if (tool !== undefined) record.tool = quote(tool, NAME_CHARACTERS_MAX);
  if (action !== undefined) record.action = quote(action, ACTION_CHARACTERS_MAX);
  if (datasets) {
    record.datasets = datasets
      .slice(0, CALL_DATASETS_MAX)
      .map((dataset) => quote(dataset, NAME_CHARACTERS_MAX));
  }
  const denial = decision.allowed ? decision.observed : decision.denial;
  if (!denial) return { ...record, stale: decision.allowed && decision.stale };
  const { code, ...data } = denial;
  const denied = { ...record, code, detail: readableDetail(data) };
  return decision.allowed ? { ...denied, observed: true } : denied;
}

/** Bounds the denial's data, which may quote a holder's own check or name. */
function readableDetail(data: Readonly<Record<string, unknown>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : quote(String(value), DETAIL_CHARACTERS_MAX),
    ]),
  );
}
