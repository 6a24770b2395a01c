/** The body of a token request: it has one reading, and no refusal repeats it. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../../src/canonical-json.ts';
import { checkGrants, writeScope } from '../../../src/capability/index.ts';
import { parseForm } from '../../../workers/issuer/platform/form-body.ts';
import {
  ACCESS_TOKEN_TYPE,
  CLIENT_CREDENTIALS,
  readTokenRequest,
  TOKEN_EXCHANGE,
  type TokenRequest,
} from '../../../workers/issuer/token/read.ts';
import { TASK_DETAIL_TYPE } from '../../../workers/issuer/token/read-grants.ts';
import { refusalRecord } from '../../../workers/issuer/token/record.ts';
import { type TokenRefusal, toWire } from '../../../workers/issuer/token/refusals/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';
import { CANARY, claimSilent } from './secret.ts';
import { mutateText } from './text.ts';

const AUDIENCES = ['https://crm.example', 'https://gateway.example'];
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const SECRETS = ['eyJhbGciOiJFUzI1NiJ9.c3ViamVjdA.QUFBQQ', 'eyJhbGciOiJFUzI1NiJ9.YWdlbnQ.QkJCQg'];
const [SUBJECT = '', ACTOR = ''] = SECRETS.map((token) => token + CANARY);

const GRANTS = [
  { tool: 'crm.search', action: 'read', dataset: 'crm/contacts' },
  { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
] as const;
const WORKFLOW = `wf_${'A'.repeat(22)}`;

type Form = readonly (readonly [string, string])[];

function details(random: Random): string {
  const more = random.chance(0.3) ? { workflow: WORKFLOW, step_up: true } : {};
  const detail = [{ type: TASK_DETAIL_TYPE, task: `report ${CANARY}`, grants: GRANTS, ...more }];
  const changed = random.chance(0.5) ? mutateJsonOften(random, detail as unknown as Json) : detail;
  return writeJson(random, changed as Json);
}

function someForm(random: Random): Form {
  const isExchange = random.chance(0.7);
  const asked: Form = random.chance(0.7)
    ? [['authorization_details', details(random)]]
    : [['scope', writeScope(GRANTS)], ...(random.chance(0.5) ? [['hewn_task', 'x'] as const] : [])];
  const tokens: Form = isExchange
    ? [
        ['subject_token', SUBJECT],
        ['subject_token_type', ACCESS_TOKEN_TYPE],
        ['actor_token', ACTOR],
        ['actor_token_type', ACCESS_TOKEN_TYPE],
      ]
    : [
        ['client_assertion', ACTOR],
        ['client_assertion_type', JWT_BEARER],
      ];
  return [
    ['grant_type', isExchange ? TOKEN_EXCHANGE : CLIENT_CREDENTIALS],
    ...tokens,
    [random.pick(['resource', 'audience']), 'https://crm.example'],
    ...asked,
  ];
}

const OTHERS: readonly [string, ...string[]] = [
  ...(['resource', 'audience', 'scope', 'client_secret', 'client_id', 'actor_token'] as const),
  ...['requested_token_type', 'authorization_details', 'client_assertion', 'hewn_task', CANARY],
];

function mutateForm(random: Random, form: Form): Form {
  const at = random.below(form.length);
  const [name, value] = form[at] ?? ['a', 'b'];
  const replaced = (...entries: Form): Form =>
    form.flatMap((entry, i) => (i === at ? entries : [entry]));
  switch (random.below(6)) {
    case 0:
      return replaced();
    case 1:
      return [...form, [name, random.chance(0.5) ? value : mutateText(random, value)]];
    case 2:
      return replaced([mutateText(random, name), value]);
    case 3:
      return replaced([name, mutateText(random, value)]);
    case 4:
      return replaced([value, name]);
    default:
      return [...form, [random.pick(OTHERS), value]];
  }
}

const write = (form: Form): string =>
  new URLSearchParams(form.map(([...entry]) => entry)).toString();

/** A plainly written request. */
function plainly(request: TokenRequest): string {
  const { subjectToken, actorToken, client, audience, task, grants, scope } = request;
  const { workflow, stepUp } = request;
  const detail = { type: TASK_DETAIL_TYPE, task, grants, workflow, step_up: stepUp };
  const entries: (readonly [string, string | undefined])[] = [
    ['grant_type', subjectToken === undefined ? CLIENT_CREDENTIALS : TOKEN_EXCHANGE],
    ['subject_token', subjectToken],
    ['subject_token_type', subjectToken && ACCESS_TOKEN_TYPE],
    ['actor_token', actorToken],
    ['actor_token_type', actorToken && ACCESS_TOKEN_TYPE],
    ['client_assertion', client?.jwt],
    ['client_assertion_type', client?.type],
    ['client_id', client?.clientId],
    ['resource', audience],
    ['scope', scope],
    ['hewn_task', scope === undefined ? undefined : task],
    ['authorization_details', scope === undefined ? JSON.stringify([detail]) : undefined],
  ];
  return write(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

const outcomes: Partial<Record<'ok' | TokenRefusal['code'], Reached>> = {
  ok: 'seen',
  parameter_missing: 'seen',
  parameter_repeated: 'seen',
  parameter_unexpected: 'seen',
  grant_type_unsupported: 'seen',
  token_type_unsupported: 'seen',
  target_unknown: 'seen',
  details_invalid: 'seen',
  client_secret_refused: 'seen',
  assertion_type_unsupported: 'seen',
  client_missing: 'seen',
  scope_invalid: 'seen',
  scope_and_details: 'seen',
};

function claimRefusal(refusal: TokenRefusal, secrets: readonly string[]): string {
  const wire = toWire(refusal);
  const { error, error_description: description } = wire.body;
  claimSilent(wire, ...secrets);
  claimSilent(refusalRecord(refusal, error, { id: 'refusal.1', at: 0 }, undefined), ...secrets);
  claim(
    /^[ -~]+$/.test(description) && !/["\\]/.test(description),
    'the description has characters that RFC 6749 section 5.2 forbids',
    wire,
  );
  return refusal.code;
}

function readBody(body: string) {
  const form = parseForm(body);
  return form.ok ? readTokenRequest(form.value, AUDIENCES) : form;
}

export const tokenRequest: ParserCampaign = {
  name: 'token-request',
  outcomes: outcomes as Record<string, Reached>,
  cases: 8_000,
  attempt: (random) => {
    let form = someForm(random);
    for (let left = random.below(3); left > 0; left--) form = mutateForm(random, form);
    const body = random.chance(0.1) ? mutateText(random, write(form)) : write(form);
    const read = readBody(body);
    if (!read.ok) return claimRefusal(read.error, SECRETS);
    const { audience, grants, task, subjectToken, client, workflow, stepUp } = read.value;
    claim(AUDIENCES.includes(audience), 'an unknown resource server is accepted', body);
    claim(checkGrants(grants).ok, 'a grant with an invalid name is accepted', body);
    claim(
      task !== '' && Buffer.byteLength(task) <= 256,
      'a task of unbounded length is accepted',
      body,
    );
    claim(
      subjectToken !== undefined || client !== undefined,
      'a request without a caller is accepted',
      body,
    );
    claim(!stepUp || workflow !== undefined, 'a step-up without a workflow is accepted', body);
    const parameters = new URLSearchParams(body);
    const single = [...new Set(parameters.keys())].every(
      (name) => parameters.getAll(name).length === 1 || name === 'resource' || name === 'audience',
    );
    claim(single, 'a repeated parameter is accepted', body);
    claim(!parameters.has('client_secret'), 'a client secret is accepted', body);
    const again = readBody(plainly(read.value));
    claim(
      again.ok && isDeepStrictEqual(again.value, read.value),
      'the parsed request is parsed differently',
      {
        body,
        read,
        again,
      },
    );
    return 'ok';
  },
};
