/** Ends a source that is silent for too long, or whose reader has left. */
export async function* within<T>(
  source: AsyncGenerator<T>,
  idleMilliseconds: number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  try {
    while (true) {
      const next = await race(source.next(), idleMilliseconds, signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that hangs would keep its reader.
    source.return(undefined).catch(() => undefined);
  }
}

function race<T>(promise: Promise<T>, milliseconds: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => end(() => reject(new Error('cancelled')));
    const timer = setTimeout(() => end(() => reject(new Error('no answer came'))), milliseconds);
    signal.addEventListener('abort', abort);
    promise.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
    if (signal.aborted) abort();
  });
}
