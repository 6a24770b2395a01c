import type { Result } from '../../../src/result.ts';
import type {
  PollAnswer,
  PollRequest,
  StreamFacts,
  StreamRequest,
  StreamStatus,
  WorkflowChange,
} from '../../../src/signals/index.ts';

/** A stream, for its operator. The credential of its endpoint is never shown. */
export interface StreamView extends StreamFacts {
  readonly status: StreamStatus;
  readonly reason?: string;
  readonly queued: number;
  /** Events that were lost to it: the queue was full, they were too old, or it refused them. */
  readonly dropped: number;
  /** Pushes in a row that did not go through, and the code of the last one. */
  readonly failures: number;
  readonly fault?: string;
}

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface SignalStreamsBinding extends Rpc.DurableObjectBranded {
  create(order: StreamRequest, actor: string): Promise<Result<string, { code: 'streams_count' }>>;
  list(): StreamView[];
  setStatus(
    id: string,
    update: { readonly status: StreamStatus; readonly reason: string },
    actor: string,
  ): Promise<boolean>;
  remove(id: string, actor: string): Promise<boolean>;
  learn(change: WorkflowChange): Promise<void>;
  openAll(digest: ArrayBuffer): StreamView[];
  open(id: string, digest: ArrayBuffer): StreamView | undefined;
  poll(id: string, digest: ArrayBuffer, request: PollRequest): Promise<PollAnswer | undefined>;
  verify(
    id: string,
    asked: { readonly state?: string; readonly by: 'receiver' | 'operator' },
  ): Promise<Result<null, { code: 'stream_unknown' | 'stream_disabled' | 'too_early' }>>;
}
