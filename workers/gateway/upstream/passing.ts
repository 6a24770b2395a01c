/**
 * Returns a response whose body calls `done` once: when it was read, cancelled, cut off or aborted.
 * Passes the chunks on as they come.
 */
export function whenRead(response: Response, signal: AbortSignal, done: () => void): Response {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (!reader) {
    done();
    return response;
  }
  signal.addEventListener('abort', done, { once: true });
  const end = (): void => {
    signal.removeEventListener('abort', done);
    done();
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done: isDone, value } = await reader.read();
        if (!isDone) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end();
        throw error;
      }
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
