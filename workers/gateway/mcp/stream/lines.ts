const LINE_END = 0x0a;
const encoder = new TextEncoder();
const BEFORE = encoder.encode('data: ');
const AFTER = encoder.encode('\n\n');

/** Whether a response is JSON, of which a stream that stays open has one message in each line. */
export const isLines = (response: Response | undefined): response is Response =>
  response?.ok === true &&
  (response.headers.get('content-type') ?? '').startsWith('application/json');

/**
 * Turns lines into events. Some servers keep a stream open as JSON, with a message in each line: a
 * line break is never part of a JSON text, except between its tokens.
 */
export function linesAsEvents(
  body: ReadableStream<Uint8Array> | null,
): ReadableStream<Uint8Array> | null {
  let isAtStart = true;
  const transform = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      let from = 0;
      while (from < chunk.length) {
        const end = chunk.indexOf(LINE_END, from);
        const to = end === -1 ? chunk.length : end;
        if (isAtStart && to > from) controller.enqueue(BEFORE);
        if (to > from) controller.enqueue(chunk.subarray(from, to));
        isAtStart = end !== -1;
        if (isAtStart) controller.enqueue(AFTER);
        from = to + 1;
      }
    },
    flush: (controller) => {
      if (!isAtStart) controller.enqueue(AFTER);
    },
  });
  return body?.pipeThrough(transform) ?? null;
}
