/** The bodies of admin routes. The id in the path is none, so a body that is read ends in 404. */
import type { IRequest } from 'itty-router';
import { isJsonObject, type Json } from '../../../src/canonical-json.ts';
import { revokeBlock, revokeWorkflow } from '../../../workers/issuer/admin.ts';
import type { IssuerEnv } from '../../../workers/issuer/config.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';
import { CANARY, claimSilent } from './secret.ts';

/** What a route that reads its order first never comes to use. */
const NOTHING_BOUND = {} as IssuerEnv;
const ID = `no id ${CANARY}`;

const requestOf = (body: BodyInit, params: Record<string, string>): IRequest =>
  Object.assign(new Request('https://issuer.example/admin', { method: 'POST', body }), {
    params,
    query: {},
    route: '',
  }) as unknown as IRequest;

export const adminBodies: ParserCampaign = {
  name: 'admin',
  outcomes: {
    '404 workflow_unknown': 'seen',
    '400 invalid_request': 'seen',
    '413 body_too_large': 'seen',
  },
  cases: 3_000,
  attempt: async (random) => {
    const order: Json = {
      reason: `the key was stolen ${CANARY}`,
      ...(random.chance(0.4) && { even_unknown: true }),
    };
    const text = writeJson(random, random.chance(0.6) ? mutateJsonOften(random, order) : order);
    const size = random.pick([1, 1, 1, 1, 1, 1, 40]);
    const body = random.chance(0.05)
      ? Uint8Array.of(0xff, ...Buffer.from(text))
      : text.padEnd(text.length * size);
    const params = { id: ID, block: 'ab'.repeat(64) };
    const [revoke, request] = random.chance(0.5)
      ? [revokeWorkflow, requestOf(body, params)]
      : [revokeBlock, requestOf(body, params)];
    const response = await revoke(request, NOTHING_BOUND);
    const answer = (await response.json()) as { error: string };
    claimSilent(answer);
    if (response.status === 404 && typeof body === 'string') {
      // The order was read: then it is one, whoever reads it.
      const value: unknown = JSON.parse(body);
      claim(isJsonObject(value), 'an order that is no object', body);
      const { reason, even_unknown, ...rest } = value;
      claim(Object.keys(rest).length === 0, 'a member that nobody knows', body);
      claim(typeof reason === 'string' && reason.trim() !== '', 'an order without a reason', body);
      claim(reason.trim().length <= 512, 'a reason without a bound', body);
      claim(even_unknown === undefined || even_unknown === true, 'another order', body);
    }
    return `${response.status} ${answer.error}`;
  },
};
