/**
 * What a promise comes to, or a `TimeoutError` if it takes longer: another process or object may
 * neither answer nor fail. The call goes on, and what comes later is dropped, even an error, so ask
 * again only for something that may be done twice.
 */
export async function within<T>(
  promise: PromiseLike<T>,
  milliseconds: number,
): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const late = new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError');
    timer = setTimeout(() => reject(late), milliseconds);
  });
  try {
    return await Promise.race([promise, givenUp]);
  } finally {
    clearTimeout(timer);
  }
}
