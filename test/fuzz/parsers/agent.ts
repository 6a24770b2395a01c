/** What the agent reads: the challenge of a denial, its own messages, the issuer's responses. */
import { isDeepStrictEqual } from 'node:util';
import { neededGrants, type ObtainError, obtainCapability } from '../../../src/agent/index.ts';
import { readToolCall } from '../../../src/agent/tool-call.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import { checkGrants, type Grant } from '../../../src/capability/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';

const GRANTS: readonly Grant[] = [
  { tool: 'crm.search', action: 'read', dataset: 'crm/contacts' },
  { tool: 'crm.update', action: 'write', dataset: 'crm/contacts/eu' },
];
const json = (value: unknown): Json => value as Json;
const DETAILS = [{ type: 'hewn_task', grants: GRANTS }];
const CHALLENGES: readonly [Json, ...Json[]] = [
  json({ error: 'insufficient_scope', code: 'no_grant', authorization_details: DETAILS }),
  json({ jsonrpc: '2.0', id: 1, error: { code: -1, data: { authorization_details: DETAILS } } }),
];

export const challenges: ParserCampaign = {
  name: 'challenge',
  outcomes: { grants: 'seen', none: 'seen' },
  cases: 5_000,
  attempt: (random) => {
    const unmodified = random.pick(CHALLENGES);
    const changed = random.chance(0.85) ? mutateJsonOften(random, unmodified) : unmodified;
    const body = writeJson(random, changed);
    const needed = neededGrants(body);
    if (needed === undefined) {
      claim(body !== JSON.stringify(unmodified), 'an unmodified challenge is refused', body);
      return 'none';
    }
    claim(checkGrants(needed).ok, 'a grant with an invalid name would be requested', body);
    for (const grant of needed) {
      const known = ['tool', 'action', 'dataset', 'constraints'];
      claim(
        Object.keys(grant).every((name) => known.includes(name)),
        'an unknown member is accepted',
        body,
      );
    }
    return 'grants';
  },
};

export const toolCalls: ParserCampaign = {
  name: 'tool-call',
  outcomes: { call: 'seen', none: 'seen', call_unreadable: 'seen' },
  cases: 8_000,
  attempt: (random) => {
    const params = { name: 'read_text_file', arguments: { path: 'q3.csv', head: 3 } };
    const unmodified = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    const whole: Json = random.chance(0.1) ? [unmodified] : unmodified;
    const body = writeJson(random, random.chance(0.8) ? mutateJsonOften(random, whole) : whole);
    const read = readToolCall(body);
    if (!read.ok) return read.error.code;
    let message: unknown;
    try {
      message = JSON.parse(body);
    } catch {
      claim(read.value === undefined, 'a call is read from text that is not JSON', body);
      return 'none';
    }
    const isCall = isJsonObject(message) && message.method === 'tools/call';
    // As a message without a tool, a call would be sent with a token for all tools.
    claim(
      isCall === (read.value !== undefined),
      'a call is not recognized as one, or another message is',
      body,
    );
    claim(!Array.isArray(message), 'a batch is read as one message', body);
    if (read.value === undefined) return 'none';
    const mutated = isJsonObject(message) && isJsonObject(message.params) ? message.params : {};
    claim(read.value.name === mutated.name, 'the tool has changed', body);
    claim(
      isDeepStrictEqual(read.value.args, mutated.arguments ?? {}),
      'the arguments have changed',
      body,
    );
    return 'call';
  },
};

const ISSUER = 'https://issuer.example';
const METADATA = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };
const ANSWER: JsonObject = {
  access_token: 'En0KEwoF',
  token_type: 'Bearer',
  expires_in: 300,
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  authorization_details: [
    json({ type: 'hewn_task', workflow: 'wf_1', task: 'report', grants: GRANTS }),
  ],
};
const PENDING: JsonObject = {
  error: 'authorization_pending',
  error_description: 'A person must approve this first.',
  auth_req_id: `ar_${'A'.repeat(22)}`,
  expires_in: 600,
  interval: 5,
};
const REFUSAL = { error: 'access_denied', error_description: 'The policy allows none.' };

function answer(random: Random, body: Json, status: number): Response {
  const changed = random.chance(0.5) ? mutateJsonOften(random, body) : body;
  const text = writeJson(random, changed);
  if (random.chance(0.03)) return new Response(null, { status: 302, headers: { location: '/x' } });
  if (random.chance(0.03)) return new Response(text.padEnd(70_000), { status });
  if (random.chance(0.03)) throw new TypeError('the network is down');
  return new Response(text, { status });
}

/** The options are valid, so they are never refused. */
type Outcome = 'ok' | Exclude<ObtainError['code'], 'options_invalid'>;
const outcomes: Record<Outcome, Reached> = {
  ok: 'seen',
  refused: 'seen',
  unreachable: 'seen',
  not_bound: 'seen',
  approval_pending: 'seen',
  approval_void: 'rare',
  malformed_answer: 'seen',
};

export const obtaining: ParserCampaign = {
  name: 'obtain',
  outcomes,
  cases: 3_000,
  attempt: async (random) => {
    const sentTo: string[] = [];
    let read: unknown;
    const isGood = random.chance(0.7);
    const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      claim(init?.redirect === 'manual', 'a redirect would be followed');
      sentTo.push(String(input));
      const token_type = random.pick(['Bearer', 'bearer', 'DPoP']);
      const answered = isGood ? { ...ANSWER, token_type } : random.pick([REFUSAL, PENDING]);
      if (sentTo.length > 1) return answer(random, answered, isGood ? 200 : 400);
      const metadata = answer(random, METADATA, 200);
      read = await metadata
        .clone()
        .json()
        .catch(() => undefined);
      return metadata;
    };
    const obtained = await obtainCapability({
      issuer: ISSUER,
      audience: 'https://crm.example',
      task: 'report',
      grants: GRANTS,
      fetch,
      subjectToken: 'a.b.c',
      actorToken: 'd.e.f',
      now: () => 0,
    });
    claim(sentTo.length <= 2, 'more than two requests are sent', sentTo);
    if (sentTo.length === 2) {
      const { issuer, token_endpoint } = isJsonObject(read) ? read : {};
      // RFC 8414 section 3.3: our tokens must not be sent where metadata of another issuer says.
      claim(issuer === ISSUER && token_endpoint === sentTo[1], 'tokens are sent elsewhere', sentTo);
    }
    if (!obtained.ok) return obtained.error.code;
    const { token, expires, grants } = obtained.value;
    claim(
      typeof token === 'string' && token.length <= 8_192,
      'a token of unbounded length is accepted',
      token,
    );
    const lifetime = expires.getTime() / 1000;
    claim(lifetime >= 1 && lifetime <= 3_600, 'an unbounded lifetime is accepted', lifetime);
    claim(Array.isArray(grants), 'a capability without grants is accepted', grants);
    return 'ok';
  },
};
