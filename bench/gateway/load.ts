/** The load generator, from npm: autocannon, over connections that stay open. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Call } from './targets.ts';

/** The part of autocannon that is used here. */
type Autocannon = (
  options: {
    readonly url: string;
    readonly connections: number;
    readonly amount: number;
    readonly sampleInt: number;
    readonly requests: readonly object[];
    readonly verifyBody: (body: string) => boolean;
  },
  done: (error: Error | null, result: { mismatches: number; errors: number }) => void,
) => {
  on(
    event: 'response',
    heard: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
  ): void;
};

export interface Load {
  /** Of each call, in the order of their answers. */
  readonly milliseconds: readonly number[];
  readonly perSecond: number;
}

const requireHere = createRequire(join(import.meta.dirname, 'package.json'));

/** Makes a call so often, over so many connections. A wrong answer fails the measurement. */
export async function load(call: Call, amount: number, connections: number): Promise<Load> {
  const autocannon = requireHere('autocannon') as Autocannon;
  const { url, method, headers, body, proofs, expects } = call;
  const waiting = [...((await proofs?.(amount)) ?? [])];
  const milliseconds: number[] = [];
  const statuses = new Map<number, number>();
  const { pathname, search } = new URL(url);
  const request = {
    method,
    path: `${pathname}${search}`,
    headers,
    ...(body !== undefined && { body }),
    ...(proofs && {
      setupRequest: (one: { headers: object }) => ({
        ...one,
        headers: { ...one.headers, dpop: waiting.pop() ?? '' },
      }),
    }),
  };
  // It notices only at a sample that all calls are made.
  const sampleInt = 20;
  const options = { url, connections, amount, requests: [request], sampleInt };
  const started = performance.now();
  let last = started;
  let wrong = '';
  await new Promise<void>((ended, failed) => {
    const running = autocannon(
      {
        ...options,
        verifyBody: (text) => {
          if (text.includes(expects)) return true;
          wrong = text;
          return false;
        },
      },
      (error, { mismatches, errors }) => {
        const bad = [...statuses].filter(([status]) => status !== 200);
        if (error) failed(error);
        else if (mismatches + errors + bad.length === 0) ended();
        else {
          const seen = JSON.stringify([bad, wrong.slice(0, 300)]);
          failed(new Error(`${call.name}: ${mismatches} mismatches, ${errors} errors, ${seen}`));
        }
      },
    );
    running.on('response', (_client, status, _bytes, took) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      milliseconds.push(took);
      last = performance.now();
    });
  });
  return { milliseconds, perSecond: (amount * 1_000) / (last - started) };
}
