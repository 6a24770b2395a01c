import type { UpstreamFailureCode } from '../../../src/denials/index.ts';
import { utf8 } from '../../../src/encoding.ts';
import type { Automaton } from './automaton.ts';
import { Scanner } from './scanner.ts';

/** Why an answer is not passed on, although the server answered. */
type AnswerFault = Extract<UpstreamFailureCode, 'upstream_leaked' | 'upstream_unreadable'>;

const faults = new WeakMap<Response, AnswerFault>();

/**
 * Returns why the answer of a server is not passed on. Ask after reading: a secret may be found at
 * any byte, and then the body ends with an error.
 */
export const answerFaultOf = (response: Response): AnswerFault | undefined => faults.get(response);

/** How an answer is passed on. */
export interface Guard {
  readonly signal: AbortSignal;
  /** What must not be in it; absent if no credential was sent. */
  readonly needles?: Automaton | undefined;
  /** Called once: when the answer was read, cancelled, cut off or aborted. */
  readonly done?: (() => void) | undefined;
  /** Called before the body ends with an error. */
  readonly leaked: (where: 'header' | 'body') => void;
}

/** What the platform decodes before anything reads a body. The gateway asked for `identity`. */
const DECODED: ReadonlySet<string> = new Set(['', 'identity', 'gzip', 'br']);

/** Returns the answer of a server as the agent may have it, chunk by chunk. */
export function guardAnswer(response: Response, guard: Guard): Response {
  const isEncoded = response.headers.has('content-encoding');
  if (!guard.needles && !guard.done && !isEncoded) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  const encoding = (headers.get('content-encoding') ?? '').trim().toLowerCase();
  if (!DECODED.has(encoding)) return refused(response, guard, 'upstream_unreadable');
  // The length and the encoding are those of the bytes before they were decoded.
  if (encoding !== '' && encoding !== 'identity') headers.delete('content-length');
  headers.delete('content-encoding');
  if (guard.needles && isInHeaders(guard.needles, statusText, headers)) {
    guard.leaked('header');
    return refused(response, guard, 'upstream_leaked');
  }
  const body = response.body as ReadableStream<Uint8Array> | null;
  if (!body) {
    guard.done?.();
    return new Response(null, { status, statusText, headers });
  }
  const guarded: Response = new Response(
    guardBody(body, guard, () => faults.set(guarded, 'upstream_leaked')),
    { status, statusText, headers },
  );
  return guarded;
}

function refused(response: Response, { done }: Guard, fault: AnswerFault): Response {
  response.body?.cancel().catch(() => undefined);
  done?.();
  const answer = new Response(null, { status: 502 });
  faults.set(answer, fault);
  return answer;
}

function isInHeaders(needles: Automaton, statusText: string, headers: Headers): boolean {
  const scanner = new Scanner(needles);
  const lines = [statusText, ...[...headers].map(([name, value]) => `${name}: ${value}`)];
  return !scanner.push(utf8(lines.join('\n'))) || !scanner.end();
}

function guardBody(
  body: ReadableStream<Uint8Array>,
  { signal, needles, done = () => undefined, leaked }: Guard,
  mark: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const scanner = needles && new Scanner(needles);
  signal.addEventListener('abort', done, { once: true });
  const end = (): void => {
    signal.removeEventListener('abort', done);
    done();
  };
  const stop = (): never => {
    mark();
    leaked('body');
    reader.cancel().catch(() => undefined);
    throw new Error('the answer has the credential of the gateway in it');
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        // Until something is released: a pull that enqueues nothing is not repeated.
        for (;;) {
          const { done: isDone, value } = await reader.read();
          const released = scanner
            ? ((isDone ? scanner.end() : scanner.push(value)) ?? stop())
            : value;
          if (released && released.length > 0) controller.enqueue(released);
          if (isDone) {
            end();
            controller.close();
            return;
          }
          if (released && released.length > 0) return;
        }
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
}
