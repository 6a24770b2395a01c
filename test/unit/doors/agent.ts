import {
  type Approval,
  ConnectFailed,
  type ConnectOptions,
  completeWorkflow,
  connect,
  createDpopKey,
  type EndingOptions,
  type FetchCatalogueOptions,
  failWorkflow,
  fetchCatalogue,
  type HandOffOptions,
  handOff,
  type IssuerCatalogueOptions,
  identityFrom,
  issuerCatalogue,
  type Narrowing,
  type NarrowingFetchOptions,
  narrow,
  narrowingFetch,
  type ObtainOptions,
  type OpenHandOffOptions,
  obtainCapability,
  openHandOff,
  refreshing,
  stepUp,
} from '../../../src/agent/index.ts';
import {
  type ApprovalTimes,
  type ApprovedCall,
  type Authority,
  appendHop,
  approveCalls,
  type Budgets,
  type Call,
  checkCall,
  checkGrant,
  type Grant,
  type HolderKey,
  type NextHolder,
  parseBudgets,
  parseConstraint,
  writeAuthority,
  writeCaveats,
} from '../../../src/capability/index.ts';
import { approved, approver } from '../fixtures/approval.ts';
import { NO_CATALOGUE } from '../fixtures/catalogue.ts';
import { AUDIENCE, AUTHORITY, at, ISSUER } from '../fixtures/issuer.ts';
import { FULL_CALL, FULL_NARROWING, OPTIONAL_IN_CALL } from '../fixtures/narrowing.ts';
import { CAPABILITY, GRANT, nothing, now, token, unanswered, type Walk, walk } from './walk.ts';

const key = await createDpopKey();
const OBTAIN: Required<ObtainOptions> = {
  issuer: ISSUER,
  audience: AUDIENCE,
  subjectToken: 'a.b.c',
  actorToken: 'd.e.f',
  task: 'churn',
  grants: [GRANT],
  dpop: key,
  workflow: 'wf_1',
  stepUp: true,
  parent: CAPABILITY,
  budgets: { calls: 3 },
  lifetimeSeconds: 60,
  renewWithinSeconds: 110,
  prompt: 'Pay Bob',
  approval: { id: 'x', waitMilliseconds: 0 },
  fetch: unanswered,
  now,
  requestMilliseconds: 100,
};
const NEEDED = ['issuer', 'audience', 'actorToken', 'task', 'grants'];
const MAY_LACK = (Object.keys(OBTAIN) as (keyof ObtainOptions)[]).filter(
  (name) => !NEEDED.includes(name),
);

const CONNECT: Required<ConnectOptions> = {
  issuer: ISSUER,
  audience: AUDIENCE,
  identity: identityFrom(() => 'd.e.f'),
  user: identityFrom(() => 'a.b.c'),
  task: 'churn',
  grants: [GRANT],
  dpop: key,
  workflow: 'wf_1',
  lifetimeSeconds: 60,
  renewWithinSeconds: 120,
  prompt: 'Pay Bob',
  stepUp: 'never',
  approveCalls: true,
  approval: { id: 'x', waitMilliseconds: 0 },
  fetch: unanswered,
  now,
};
const CONNECT_MAY_LACK = (Object.keys(CONNECT) as (keyof ConnectOptions)[]).filter(
  (name) => !['issuer', 'audience', 'identity', 'task', 'grants'].includes(name),
);
const failureOf = (thrown: unknown) => {
  if (thrown instanceof ConnectFailed) return { ok: false, error: thrown.message };
  throw thrown;
};

export const AGENT: readonly Walk[] = [
  walk('connect', CONNECT, CONNECT_MAY_LACK, (given) => connect(given).catch(failureOf)),
  walk('obtainCapability', OBTAIN, MAY_LACK, obtainCapability),
  walk('refreshing', OBTAIN, MAY_LACK, refreshing),
  walk<ObtainOptions>('stepUp', OBTAIN, MAY_LACK, (given) => stepUp(CAPABILITY, [GRANT], given)),
  walk<Approval>(
    'obtainCapability: approval',
    { id: 'x', waitMilliseconds: 0, onPending: nothing, signal: AbortSignal.timeout(60_000) },
    ['id', 'waitMilliseconds', 'onPending', 'signal'],
    (approval) => obtainCapability({ ...OBTAIN, approval }),
  ),
  walk<Grant>(
    'obtainCapability: grants',
    { ...GRANT, constraints: { arguments: ['a'], constraints: { '/a': { exact: 1 } } } },
    ['constraints'],
    (grant) => obtainCapability({ ...OBTAIN, grants: [grant] }),
  ),
  walk<Grant>(
    'stepUp: needed',
    { ...GRANT, constraints: { arguments: [], constraints: {} } },
    ['constraints'],
    (grant) => stepUp(CAPABILITY, [grant], OBTAIN),
  ),
  walk<Budgets>(
    'obtainCapability: budgets',
    { calls: 1, tools: [], denials: 1, wallSeconds: 1, delegationDepth: 1, sums: [] },
    ['calls', 'tools', 'denials', 'wallSeconds', 'delegationDepth', 'sums'],
    (budgets) => obtainCapability({ ...OBTAIN, budgets }),
  ),
  walk<EndingOptions & { graceSeconds?: number }>(
    'completeWorkflow',
    { issuer: ISSUER, fetch: unanswered, now, graceSeconds: 0 },
    ['fetch', 'now', 'graceSeconds'],
    (given) => completeWorkflow(CAPABILITY, given),
  ),
  walk<EndingOptions & { reason?: string }>(
    'failWorkflow',
    { issuer: ISSUER, fetch: unanswered, now, reason: 'done' },
    ['fetch', 'now', 'reason'],
    (given) => failWorkflow(CAPABILITY, given),
  ),
  walk<HandOffOptions>(
    'handOff',
    {
      to: key.thumbprint,
      name: 'researcher',
      tools: 'crm.search',
      datasets: 'crm/contacts',
      arguments: { '/a': { exact: 'a' } },
      expires: new Date(at(300)),
    },
    ['name', 'datasets', 'arguments', 'expires'],
    (given) => handOff({ ...CAPABILITY, holder: key }, given),
  ),
  walk<OpenHandOffOptions>(
    'openHandOff',
    { token, dpop: key, issuer: ISSUER, audience: AUDIENCE, fetch: unanswered, now },
    ['fetch', 'now'],
    openHandOff,
  ),
  walk<NarrowingFetchOptions>(
    'narrowingFetch',
    {
      capability: CAPABILITY,
      catalogue: NO_CATALOGUE,
      server: 'files',
      seconds: 30,
      fetch: unanswered,
      now,
    },
    ['seconds', 'fetch', 'now'],
    narrowingFetch,
  ),
  walk<IssuerCatalogueOptions>(
    'issuerCatalogue',
    { issuer: ISSUER, fetch: unanswered },
    ['fetch'],
    issuerCatalogue,
  ),
  walk<Omit<FetchCatalogueOptions, 'capability'>>(
    'fetchCatalogue',
    { issuer: ISSUER, hash: 'a1'.repeat(32), fetch: unanswered },
    ['fetch'],
    (given) => fetchCatalogue(given),
  ),
];

const APPROVED = await approved();
const TIMES: ApprovalTimes = { now: new Date(at(0)), until: new Date(at(60)) };
const CUTS = Object.keys(FULL_NARROWING) as (keyof Narrowing)[];

export const CAPABILITIES: readonly Walk[] = [
  walk('narrow', FULL_NARROWING, CUTS, (cut: Narrowing) => narrow(token, cut)),
  walk<NextHolder>('appendHop', { to: key.thumbprint, name: 'researcher' }, ['name'], (next) =>
    appendHop(token, key as HolderKey, next, { tool: 'crm.search' }),
  ),
  walk<ApprovalTimes>('approveCalls', TIMES, [], (times) =>
    approveCalls(token, approver, [APPROVED], times),
  ),
  walk<ApprovedCall>('approveCalls: calls', APPROVED, [], (call) =>
    approveCalls(token, approver, [call], TIMES),
  ),
  walk('writeCaveats', FULL_NARROWING, CUTS, writeCaveats),
  walk<Call>('checkCall', FULL_CALL, OPTIONAL_IN_CALL, (call) => checkCall(call)),
  walk<Grant>(
    'checkGrant',
    { ...GRANT, constraints: { arguments: [], constraints: {} } },
    ['constraints'],
    checkGrant,
  ),
  walk<Authority>(
    'writeAuthority',
    {
      ...AUTHORITY,
      shard: 1,
      holder: 'a'.repeat(43),
      catalogue: 'a1'.repeat(32),
      prompt: 'b2'.repeat(32),
    },
    ['shard', 'holder', 'catalogue', 'prompt'],
    (given) => writeAuthority(given, new Date(at(300))),
  ),
  walk<Budgets>(
    'parseBudgets',
    { calls: 1, tools: [], denials: 1, wallSeconds: 1, delegationDepth: 1, sums: [] },
    ['calls', 'tools', 'denials', 'wallSeconds', 'delegationDepth', 'sums'],
    parseBudgets,
  ),
  walk<{ exact: string }>('parseConstraint', { exact: 'a' }, [], parseConstraint),
];
