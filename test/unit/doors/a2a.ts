import {
  type A2aBus,
  type A2aRequest,
  type GuardExecutorOptions,
  guardExecutor,
  type HandOffMessageOptions,
  handOffMessage,
} from '../../../src/a2a/index.ts';
import { createDpopKey } from '../../../src/dpop/index.ts';
import { verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, at, ISSUER } from '../fixtures/issuer.ts';
import { CAPABILITY, now, unanswered, type Walk, walk } from './walk.ts';

const key = await createDpopKey();
const url = 'https://researcher.example/a2a';

export const A2A: readonly Walk[] = [
  walk<HandOffMessageOptions>(
    'handOffMessage',
    {
      capability: { ...CAPABILITY, holder: key },
      url,
      now,
      to: key.thumbprint,
      name: 'researcher',
      tools: 'crm.search',
      datasets: 'crm/contacts',
      arguments: { '/a': { exact: 'a' } },
      expires: new Date(at(300)),
    },
    ['now', 'name', 'datasets', 'arguments', 'expires'],
    (given) =>
      handOffMessage({ messageId: 'm', parts: [], metadata: undefined, extensions: [] }, given),
  ),
  walk<GuardExecutorOptions<A2aRequest, A2aBus>>(
    'guardExecutor',
    {
      verifier: verifierWith(),
      dpop: key,
      url,
      issuer: ISSUER,
      audience: AUDIENCE,
      execute: async () => {},
      cancelTask: async () => {},
      tier: 1,
      fetch: unanswered,
      now,
    },
    ['tier', 'fetch', 'now'],
    guardExecutor,
  ),
];
