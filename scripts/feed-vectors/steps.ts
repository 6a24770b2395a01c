import { fromHex, toHex, utf8 } from '../../src/encoding.ts';
import type {
  FeedFloor,
  Head,
  ResumptionEntry,
  Signed,
  SuspensionEntry,
} from '../../src/feed/index.ts';
import { encodeSnapshot } from '../../src/feed/log/index.ts';
import { type NewEntry, NOW, sha256, signAsHead, type VectorLog } from './log.ts';

/** What a verifier is offered step by step, and what it must do. */
export interface SequenceVector {
  readonly name: string;
  readonly floor?: FeedFloor;
  readonly steps: readonly StepVector[];
}

export interface StepVector {
  /** Unix seconds. */
  readonly now: number;
  readonly head: Signed;
  /** Hex. */
  readonly snapshot?: string;
  readonly deltas: readonly string[];
  /** `ok`, or the code of the refusal. After a refusal, the state before it still applies. */
  readonly verdict: string;
  /**
   * What stops a token after the step, by its workflow, gen, blocks and granted `tools`, or a call
   * of `tool` with it; null: nothing.
   */
  readonly stopped: readonly {
    readonly workflow: string;
    readonly ancestors?: readonly string[];
    readonly gen?: number;
    readonly blocks?: readonly string[];
    readonly tools?: readonly string[];
    readonly tool?: string;
    readonly by: string | null;
  }[];
}

export const BLOCK = 'cd'.repeat(64);
const SALT = utf8('sixteen bytes ok');

export const LOG: readonly NewEntry[] = [
  { kind: 'workflow', id: 'wf_1' },
  { kind: 'block', id: BLOCK },
  { kind: 'suspension', id: 'wf_2' },
  { kind: 'resumption', id: 'wf_2', gen: 2 },
];

export interface Step extends Omit<Partial<StepVector>, 'head'> {
  readonly head: Head;
}

export const step = async ({ head, ...rest }: Step): Promise<StepVector> => ({
  now: NOW,
  head: await signAsHead(head),
  deltas: [],
  verdict: 'ok',
  stopped: [],
  ...rest,
});

export async function snapshotOf(log: VectorLog, change?: (hex: string) => string) {
  const revoked = log.entries.filter((one) => one.kind === 'workflow' || one.kind === 'block');
  const stops = log.entries.filter(
    (one): one is SuspensionEntry | ResumptionEntry =>
      one.kind === 'suspension' || one.kind === 'resumption',
  );
  const honest = toHex(encodeSnapshot({ revoked, stops }, SALT) ?? new Uint8Array());
  const hex = change ? change(honest) : honest;
  const bytes = fromHex(hex) ?? new Uint8Array();
  const { seq, chain } = await log.position();
  const [hash, count] = [await sha256(bytes), revoked.length];
  return { hex, reference: { seq, chain, hash, bytes: bytes.length, count } };
}

export const STOPPED: StepVector['stopped'] = [
  { workflow: 'wf_1', by: 'workflow' },
  { workflow: 'wf_9', ancestors: ['wf_1'], by: 'workflow' },
  { workflow: 'wf_9', blocks: ['00'.repeat(64), BLOCK], by: 'block' },
  { workflow: 'wf_2', gen: 1, by: 'generation' },
  { workflow: 'wf_2', gen: 2, by: null },
  { workflow: 'wf_9', by: null },
];
