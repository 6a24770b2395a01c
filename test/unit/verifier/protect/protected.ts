import { ok, type Result, refuse } from '../../../../src/result.ts';
import {
  type CallFacts,
  type CallOutcome,
  type CallRefusal,
  createProtection,
  type Decision,
  type DecisionRecorder,
  type Protection,
  type ProtectionOptions,
  type RecordedCall,
  type RequestFacts,
  type Route,
  type VerifierOptions,
} from '../../../../src/verifier/index.ts';
import { verifierWith } from '../../fixtures/feed.ts';
import { AUDIENCE, ISSUER } from '../../fixtures/issuer.ts';

/** What `recorder` received, in order. */
export interface Told {
  readonly what: 'denied' | 'open' | 'close' | 'flush';
  readonly decision?: Decision;
  readonly facts?: RequestFacts | CallFacts;
  readonly outcome?: CallOutcome;
}

/** A recorder that remembers, and refuses with `refusal` if there is one. */
export function recorder(refusal?: CallRefusal): DecisionRecorder & { readonly told: Told[] } {
  const told: Told[] = [];
  return {
    told,
    verifier: 'test',
    denied: (decision, facts) => told.push({ what: 'denied', decision, facts }),
    open: async (decision, facts): Promise<Result<RecordedCall, CallRefusal>> => {
      told.push({ what: 'open', decision, facts });
      return refusal
        ? refuse(refusal)
        : ok({ close: (outcome) => void told.push({ what: 'close', outcome }) });
    },
    flush: async () => void told.push({ what: 'flush' }),
  };
}

/** A protection of the audience at second 1. */
export const protectionWith = (
  options: Partial<ProtectionOptions> = {},
  verifier: Partial<VerifierOptions> = {},
): Protection =>
  createProtection({
    issuer: ISSUER,
    audience: AUDIENCE,
    verifier: verifierWith(verifier),
    report: () => undefined,
    ...options,
  });

/** The honest token may read `crm/contacts` with this tool. */
export const SEARCH: Route = {
  tool: 'crm.search',
  action: 'read',
  tier: 1,
  dataset: 'crm/contacts/:region',
};

/** A body that fails the test if it is read. */
export const unreadable = () => {
  let isRead = false;
  const body = new ReadableStream(
    {
      pull: () => {
        isRead = true;
        throw new Error('the body was read');
      },
    },
    { highWaterMark: 0 },
  );
  return { body, wasRead: () => isRead };
};

export const requestTo = (
  path: string,
  { token, ...init }: RequestInit & { readonly token?: string } = {},
): Request => {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const streaming = init.body instanceof ReadableStream ? { duplex: 'half' } : {};
  return new Request(`${AUDIENCE}${path}`, { ...init, ...streaming, headers } as RequestInit);
};

export const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { readonly code?: unknown }).code;
