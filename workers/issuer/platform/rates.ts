import type { IRequest } from 'itty-router';
import { readClock } from '../../../src/clock.ts';
import {
  Limiter,
  type RateBinding,
  SHARED_SOURCE,
  sourceOf,
  type TooMany,
} from '../../../src/rates/index.ts';
import { report } from '../../../src/report.ts';
import type { Result } from '../../../src/result.ts';
import { type IssuerEnv, readConfig } from './config.ts';

type Kind = 'token' | 'question';

interface Limiters {
  readonly source: Readonly<Record<Kind, Limiter>>;
  readonly shared: Readonly<Record<Kind, Limiter>>;
  readonly agent: Limiter;
}

const known = new WeakMap<object, Limiters>();

/** One set for an isolate: a counter of a request's own would count to one. */
function limitersOf(env: IssuerEnv): Limiters {
  const config = readConfig(env);
  let found = known.get(config);
  if (!found) {
    const { rates } = config;
    const limiter = (limit: number, binding?: RateBinding) =>
      new Limiter({ perMinute: limit }, binding);
    found = {
      source: {
        token: limiter(rates.tokenPerSource, env.TOKEN_RATE),
        question: limiter(rates.questionPerSource, env.QUESTION_RATE),
      },
      // A binding has one limit for all its keys, so the bucket of all is our own.
      shared: { token: limiter(rates.tokenShared), question: limiter(rates.questionShared) },
      agent: limiter(rates.tokenPerAgent, env.AGENT_RATE),
    };
    known.set(config, found);
  }
  return found;
}

/** Counts the request for its source; the answer to one too many, before anything of it is read. */
export const limitSource =
  (kind: Kind) =>
  async (request: IRequest, env: IssuerEnv): Promise<Response | undefined> => {
    const { sourceHeader } = readConfig(env);
    const source = sourceOf(request.headers, sourceHeader);
    const limiters = limitersOf(env)[source === SHARED_SOURCE ? 'shared' : 'source'];
    const taken = await limiters[kind].take(`${kind} ${source}`, readClock());
    if (taken.ok) return undefined;
    const address = source === SHARED_SOURCE ? source : request.headers.get(sourceHeader ?? '');
    report('rate.limited', { code: kind, source: address });
    return tooMany(taken.error);
  };

/** Counts a token request for the agent that was proven to make it. */
export async function limitAgent(env: IssuerEnv, agent: string): Promise<Result<null, TooMany>> {
  const taken = await limitersOf(env).agent.take(agent, readClock());
  if (!taken.ok) report('rate.limited', { code: 'agent', agent });
  return taken;
}

/** RFC 6585 section 4; the error is one that OAuth clients know to retry. */
export const tooMany = ({ retryAfterSeconds }: TooMany): Response =>
  Response.json(
    {
      error: 'temporarily_unavailable',
      error_description: `Too many requests; retry after ${retryAfterSeconds} s.`,
    },
    {
      status: 429,
      headers: { 'retry-after': String(retryAfterSeconds), 'cache-control': 'no-store' },
    },
  );
