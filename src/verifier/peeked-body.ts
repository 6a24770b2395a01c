import { withBody } from './one-request.ts';

// Of a body that is read before the caller is known to be allowed, and kept until it is handled.
const DESCRIBED_BODY_BYTES_MAX = 256 * 1024;

/** Two readers of one body, one after the other. */
export interface PeekedBody {
  /** The request for the first one, who may read the body or leave it. */
  readonly first: Request;
  /** Ends the first one's turn. Whether more was read than may be kept. */
  close(): boolean;
  /** The request for the second one, with the whole body. Not before `close`. */
  second(): Request;
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

/**
 * Lets whoever describes a request read its body and leaves it whole for whoever handles it. What
 * is read is kept, up to a bound, because a stranger sends it. What is not read is not buffered.
 */
export function peekBody(request: Request): PeekedBody {
  const body = request.body as ReadableStream<Uint8Array<ArrayBuffer>> | null;
  if (!body) return { first: request, close: () => false, second: () => request };
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let reader: Reader | undefined;
  let left = DESCRIBED_BODY_BYTES_MAX;
  let isOver = false;
  let turn: 'first' | 'second' = 'first';
  const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
    reader ??= body.getReader();
    const { done, value } = await reader.read();
    if (value) {
      left -= value.length;
      kept.push(value);
    }
    isOver ||= left < 0;
    if (isOver) return controller.error(new RangeError('the body is too large to be described'));
    if (done) controller.close();
    // A copy: who reads first may write into what it was given.
    else controller.enqueue(value.slice());
  };
  const peeked = new ReadableStream({ pull }, { highWaterMark: 0 });
  return {
    first: withBody(request, peeked),
    close: () => {
      turn = 'second';
      if (isOver) reader?.cancel().catch(() => undefined);
      return isOver;
    },
    second: () => {
      if (turn === 'first') throw new Error('the body is still being described');
      return reader ? withBody(request, rest(kept, reader)) : request;
    },
  };
}

function rest(kept: Uint8Array<ArrayBuffer>[], reader: Reader): ReadableStream {
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
