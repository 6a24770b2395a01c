/**
 * What another object answers within so many milliseconds; throws where it does not. The call goes
 * on: whoever asks again asks for something that may be done twice.
 */
export async function answerWithin<T>(
  milliseconds: number,
  call: PromiseLike<T>,
): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, fail) => {
    const error = new Error(`no answer within ${milliseconds} ms`);
    timer = setTimeout(() => fail(error), milliseconds);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
