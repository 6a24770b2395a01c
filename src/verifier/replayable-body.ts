import { withBody } from './canonical-request.ts';

/** How much of a body is read to judge the call, unless `protect` is given another bound. */
export const JUDGED_BODY_BYTES_MAX = 256 * 1024;

/** One body for two readers, one after the other. */
export interface ReplayableBody {
  /** The request for the first reader, who may read the body or leave it. */
  readonly first: Request;
  /** Ends the turn of the first reader. Returns whether it read more than it may. */
  close(): boolean;
  /** Returns the request for the second reader, with the whole body. Throws before `close`. */
  second(): Request;
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

/**
 * Lets the judge of a call read the body of its request, and leaves it whole for the handler. What
 * the first reader reads is kept, up to a bound, because the call is not yet allowed. What it does
 * not read is not buffered.
 */
export function replayableBody(
  request: Request,
  bytesMax: number = JUDGED_BODY_BYTES_MAX,
): ReplayableBody {
  const body = request.body as ReadableStream<Uint8Array<ArrayBuffer>> | null;
  if (!body) return { first: request, close: () => false, second: () => request };
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let reader: Reader | undefined;
  let bytesLeft = bytesMax;
  let isTooLarge = false;
  let turn: 'first' | 'second' = 'first';
  const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
    reader ??= body.getReader();
    const { done, value } = await reader.read();
    if (value) {
      bytesLeft -= value.length;
      kept.push(value);
    }
    isTooLarge ||= bytesLeft < 0;
    if (isTooLarge) {
      controller.error(new RangeError('the body is too large to be judged'));
    } else if (done) controller.close();
    // A copy: the first reader may write into the chunk that it gets.
    else controller.enqueue(value.slice());
  };
  const recorded = new ReadableStream({ pull }, { highWaterMark: 0 });
  return {
    first: withBody(request, recorded),
    close: () => {
      turn = 'second';
      return isTooLarge;
    },
    second: () => {
      if (turn === 'first') throw new Error('the body may still be read by its first reader');
      return reader ? withBody(request, replay(kept, reader)) : request;
    },
  };
}

/** Streams what was kept, and then the rest of the body. */
function replay(kept: Uint8Array<ArrayBuffer>[], reader: Reader): ReadableStream {
  return new ReadableStream(
    {
      pull: async (controller) => {
        const next = kept.shift();
        if (next) return controller.enqueue(next);
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
