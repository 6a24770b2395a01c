import { readBounded } from '../../../src/body.ts';
import { SIGNAL_PUSH_MILLISECONDS_MAX } from '../../../src/limits.ts';
import { type PushOutcome, readPushAnswer, SET_TYPE } from '../../../src/signals/index.ts';

const SIGNAL_PUSH_ANSWER_BYTES_MAX = 4 * 1024; // A code and a sentence (RFC 8935 2.3).

/** Where the operator wants events pushed. */
export interface Endpoint {
  readonly url: string;
  /** Secret: the header that the endpoint requires. */
  readonly authorization?: string;
}

/** Pushes one event (RFC 8935). A redirect is a failure: the operator named exactly this URL. */
export async function pushSet({ url, authorization }: Endpoint, set: string): Promise<PushOutcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body: set,
      headers: {
        'content-type': `application/${SET_TYPE}`,
        accept: 'application/json',
        ...(authorization !== undefined && { authorization }),
      },
      signal: AbortSignal.timeout(SIGNAL_PUSH_MILLISECONDS_MAX),
    });
    if (response.status !== 400) {
      await response.body?.cancel();
      return readPushAnswer(response.status, '');
    }
    const body = await readBounded(response, SIGNAL_PUSH_ANSWER_BYTES_MAX);
    return readPushAnswer(response.status, body.ok ? body.value : '');
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { kind: 'failed', why: isLate ? 'timeout' : 'unreachable' };
  }
}
