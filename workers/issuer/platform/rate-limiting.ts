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
import { readConfig } from './config.ts';
import type { IssuerEnv } from './env.ts';

type Kind = 'token' | 'question';

interface Limiters {
  readonly source: Readonly<Record<Kind, Limiter>>;
  readonly shared: Readonly<Record<Kind, Limiter>>;
  readonly agent: Limiter;
  readonly verifier: Limiter;
}

const known = new WeakMap<object, Limiters>();

/** Returns the limiters of this isolate, which requests share. */
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
      // A binding has one limit for every key, so the shared limit is counted here.
      shared: { token: limiter(rates.tokenShared), question: limiter(rates.questionShared) },
      agent: limiter(rates.tokenPerAgent, env.AGENT_RATE),
      verifier: limiter(rates.reportPerVerifier),
    };
    known.set(config, found);
  }
  return found;
}

/** Counts a request for its source, and answers one too many before its body is read. */
export const limitSource =
  (kind: Kind) =>
  async (request: IRequest, env: IssuerEnv): Promise<Response | undefined> => {
    const { sourceHeader } = readConfig(env);
    const source = sourceOf(request.headers, sourceHeader);
    const limiters = limitersOf(env)[source === SHARED_SOURCE ? 'shared' : 'source'];
    const counted = await limiters[kind].take(`${kind} ${source}`, readClock());
    if (counted.ok) return undefined;
    const address = source === SHARED_SOURCE ? source : request.headers.get(sourceHeader ?? '');
    report('rate.limited', { code: kind, source: address });
    return tooMany(counted.error);
  };

/** Counts a token request for the authenticated agent. */
export async function limitAgent(env: IssuerEnv, agent: string): Promise<Result<null, TooMany>> {
  const counted = await limitersOf(env).agent.take(agent, readClock());
  if (!counted.ok) report('rate.limited', { code: 'agent', agent });
  return counted;
}

/** Counts a report or a budget request for the credential that it came with. */
export async function limitVerifier(env: IssuerEnv, name: string): Promise<Result<null, TooMany>> {
  const counted = await limitersOf(env).verifier.take(name, readClock());
  if (!counted.ok) report('rate.limited', { code: 'reports', verifier: name });
  return counted;
}

/** RFC 6585 section 4, with an error that OAuth clients retry. */
const tooMany = ({ retryAfterSeconds }: TooMany): Response =>
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
