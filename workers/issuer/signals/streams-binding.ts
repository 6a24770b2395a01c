import type { StreamRecord } from '../../../src/audit/index.ts';
import type { Result } from '../../../src/result.ts';
import type {
  PollAnswer,
  PollRequest,
  StreamFacts,
  StreamRequest,
  StreamStatus,
  WorkflowChange,
} from '../../../src/signals/index.ts';

/** A stream as its operator sees it. The credential of its endpoint is never shown. */
export interface StreamView extends StreamFacts {
  readonly status: StreamStatus;
  readonly reason?: string;
  readonly queued: number;
  /** Lost events: the queue was full, they were too old, or the receiver refused them. */
  readonly dropped: number;
  /** Consecutive failed pushes, and the code of the last one. */
  readonly failures: number;
  readonly fault?: string;
}

/** What the other features ask of the streams. The class documents each method. */
/** Who changes a stream, and how the order came. */
export type StreamOrderer = Pick<StreamRecord, 'actor' | 'via'>;

export interface SignalStreamsBinding extends Rpc.DurableObjectBranded {
  create(
    request: StreamRequest,
    by: StreamOrderer,
  ): Promise<Result<string, { code: 'streams_count' }>>;
  list(): StreamView[];
  setStatus(
    id: string,
    update: { readonly status: StreamStatus; readonly reason: string },
    by: StreamOrderer,
  ): Promise<boolean>;
  remove(id: string, by: StreamOrderer): Promise<boolean>;
  learn(change: WorkflowChange): Promise<void>;
  openAll(digest: ArrayBuffer): StreamView[];
  open(id: string, digest: ArrayBuffer): StreamView | undefined;
  poll(id: string, digest: ArrayBuffer, request: PollRequest): Promise<PollAnswer | undefined>;
  verify(
    id: string,
    request: { readonly state?: string; readonly by: 'receiver' | 'operator' },
  ): Promise<Result<null, { code: 'stream_unknown' | 'stream_disabled' | 'too_early' }>>;
}
