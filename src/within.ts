/**
 * Returns the value of a promise, or throws a `TimeoutError` if it takes longer: another process or
 * object may neither answer nor fail. The call itself continues, and its late result is dropped,
 * even an error. Retry only what is idempotent.
 */
export async function within<T>(
  promise: PromiseLike<T>,
  milliseconds: number,
): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError'));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, givenUp]);
  } finally {
    clearTimeout(timer);
  }
}
