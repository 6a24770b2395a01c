/** Why a stream ended. */
export type StreamEnd = 'whole' | 'too_large' | 'connection' | 'cancelled';

interface Ended {
  readonly end: StreamEnd;
  readonly bytes: number;
}

/** A stream that passes bytes on as they come, and how it ended. */
export interface BoundedBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Settles once the stream has ended, and never rejects. */
  readonly ended: Promise<Ended>;
  /** Ends the stream with an error, so that its reader does not take it for whole. */
  cut(): void;
}

export interface Bounds {
  readonly bytesMax: number;
  /** Called with each chunk that is passed on. */
  readonly passed: (chunk: Uint8Array) => void;
  /**
   * Called instead of ending the stream with an error. The runtime closes the body of an outgoing
   * request whose stream fails as if it were whole: only aborting the request prevents that.
   */
  readonly failed?: () => void;
}

/** Passes a body on, chunk by chunk as its reader takes them, up to a number of bytes. */
export function boundBody(
  body: ReadableStream<Uint8Array>,
  { bytesMax, passed, failed }: Bounds,
): BoundedBody {
  const reader = body.getReader();
  let bytes = 0;
  let isOver = false;
  let settle: (ended: Ended) => void = () => undefined;
  const ended = new Promise<Ended>((resolve) => {
    settle = resolve;
  });
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const finish = (end: StreamEnd): void => {
    isOver = true;
    settle({ end, bytes });
    if (end !== 'whole') reader.cancel().catch(() => undefined);
  };
  const fail = async (end: StreamEnd): Promise<void> => {
    finish(end);
    if (!failed) return controller?.error(new Error('the body was cut'));
    failed();
    // The reader must never see an end.
    await new Promise(() => undefined);
  };
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    pull: async (given) => {
      const chunk = await reader.read().catch(() => undefined);
      if (isOver) return;
      if (!chunk) return fail('connection');
      if (chunk.done) {
        finish('whole');
        return given.close();
      }
      bytes += chunk.value.length;
      if (bytes > bytesMax) return fail('too_large');
      passed(chunk.value);
      given.enqueue(chunk.value);
    },
    cancel: () => finish('cancelled'),
  });
  return {
    stream,
    ended,
    cut: () => {
      if (!isOver) void fail('connection');
    },
  };
}
