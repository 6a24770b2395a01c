import {
  type AuthzenAction,
  type AuthzenCaller,
  type AuthzenResource,
  type AuthzenSubject,
  createPdp,
  type PdpOptions,
} from '../../../src/authzen/index.ts';
import { createProtection } from '../../../src/verifier/index.ts';
import { verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, ISSUER } from '../fixtures/issuer.ts';
import { nothing, type Walk, walk } from './walk.ts';

const ACTION: Required<AuthzenAction> = {
  tool: 'records.read',
  action: 'read',
  tier: 1,
  dataset: 'records/{resource.id}',
  args: {},
};
const RESOURCE: Required<AuthzenResource> = {
  dataset: 'records',
  actions: { read: ACTION },
  entities: [],
};
const SUBJECT: Required<AuthzenSubject> = { is: 'agent', prefix: 'a', entities: [] };
const CALLER: Required<AuthzenCaller> = {
  name: 'gateway',
  sha256: 'a1'.repeat(32),
  may: ['search'],
};
const CANDIDATES = { subjects: () => ({ entities: [] }), resources: () => ({ entities: [] }) };
const PDP: Required<PdpOptions> = {
  url: 'https://pdp.example',
  protection: createProtection({ issuer: ISSUER, audience: AUDIENCE, verifier: verifierWith() }),
  mapping: { subjects: { agent: SUBJECT }, resources: { record: RESOURCE } },
  callers: [CALLER],
  capability: () => undefined,
  candidates: CANDIDATES,
  bodyBytesMax: 1_024,
  report: nothing,
};

export const AUTHZEN: readonly Walk[] = [
  walk<PdpOptions>(
    'createPdp',
    PDP,
    ['capability', 'candidates', 'bodyBytesMax', 'report'],
    createPdp,
  ),
  walk<PdpOptions['mapping']>('createPdp: mapping', PDP.mapping, [], (mapping) =>
    createPdp({ ...PDP, mapping }),
  ),
  walk<AuthzenSubject>('createPdp: subject', SUBJECT, ['prefix', 'entities'], (agent) =>
    createPdp({ ...PDP, mapping: { ...PDP.mapping, subjects: { agent } } }),
  ),
  walk<AuthzenResource>('createPdp: resource', RESOURCE, ['entities'], (record) =>
    createPdp({ ...PDP, mapping: { ...PDP.mapping, resources: { record } } }),
  ),
  walk<AuthzenAction>('createPdp: action', ACTION, ['dataset', 'args'], (read) =>
    createPdp({
      ...PDP,
      mapping: { ...PDP.mapping, resources: { record: { ...RESOURCE, actions: { read } } } },
    }),
  ),
  walk<AuthzenCaller>('createPdp: caller', CALLER, ['may'], (caller) =>
    createPdp({ ...PDP, callers: [caller] }),
  ),
  walk<NonNullable<PdpOptions['candidates']>>(
    'createPdp: candidates',
    CANDIDATES,
    ['subjects', 'resources'],
    (candidates) => createPdp({ ...PDP, candidates }),
  ),
];
