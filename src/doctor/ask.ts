import { readBounded } from '../body.ts';
import type { Site } from './examine.ts';

const ASK_MILLISECONDS_MAX = 8_000;
const ANSWER_BYTES_MAX = 256 * 1024;

/** An answer of another server, or why there is no answer. */
export type Asked =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly date: Date | undefined;
      readonly text: string;
    }
  | { readonly kind: 'none'; readonly why: string };

/** Sends one request without any credential, within bounds of time and size. */
export async function ask(
  { fetch: fetching }: Pick<Site, 'fetch'>,
  url: string,
  init: RequestInit = {},
): Promise<Asked> {
  const signal = AbortSignal.timeout(ASK_MILLISECONDS_MAX);
  try {
    const response = await fetching(url, { redirect: 'manual', signal, ...init });
    const body = await readBounded(response, ANSWER_BYTES_MAX);
    const date = new Date(response.headers.get('date') ?? '');
    return {
      kind: 'answer',
      status: response.status,
      date: Number.isNaN(date.getTime()) ? undefined : date,
      text: body.ok ? body.value : '',
    };
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
    return { kind: 'none', why: signal.aborted ? 'no answer in time' : (cause?.code ?? message) };
  }
}

/** Parses an answer as JSON; undefined if it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
