/**
 * What a promise of one's own comes to, or a `TimeoutError` where it outlasts the bound: another
 * process may neither answer nor fail. What comes later is dropped, also where it is an error.
 */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const late = new DOMException('no answer in time', 'TimeoutError');
    timer = setTimeout(() => reject(late), milliseconds);
  });
  try {
    return await Promise.race([promise, givenUp]);
  } finally {
    clearTimeout(timer);
  }
}
