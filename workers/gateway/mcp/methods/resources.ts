import { describeResource, findResource, offersOf } from '../../../../src/catalogue/index.ts';
import { coversDatasets } from '../../../../src/tool-schema/index.ts';
import { allowedRequests, cursor, listedParams, withMeta } from '../params.ts';
import { describedBy, ROUND_MEMBERS } from './describe.ts';
import { usableOnly } from './list.ts';
import type { Method } from './method.ts';

const LISTS = { needsCatalogue: true, params: listedParams({ cursor }) } as const;

/** The methods that list and read resources. A resource is an entry of the catalogue. */
export const RESOURCES = {
  'resources/list': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Shows only the resources that the token can read.',
    ...LISTS,
    rewrite: usableOnly(
      'resources',
      ({ catalogue, server }, { uri }) => {
        const found = findResource(catalogue, server, String(uri));
        return found.ok ? found.value.entry : undefined;
      },
      (listed, _, capability, { catalogue, server }) => {
        const call = describeResource(catalogue, server, String(listed.uri));
        return call.ok && coversDatasets(call.value, capability) ? listed : undefined;
      },
    ),
  },
  'resources/templates/list': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Shows only the templates that the catalogue has and the token can read.',
    ...LISTS,
    rewrite: usableOnly('resourceTemplates', ({ catalogue, server }, { uriTemplate }) =>
      offersOf(catalogue, server).templates.get(String(uriTemplate)),
    ),
  },
  'resources/read': {
    revisions: ['2025-03-26'],
    form: 'request',
    about:
      'A read of the entry whose template the URI matches: verified, charged and recorded as a call.',
    hasRounds: true,
    describe: describedBy(['uri', ...ROUND_MEMBERS], ({ uri }, { server }) =>
      typeof uri === 'string'
        ? { named: uri, in: (catalogue) => describeResource(catalogue, server, uri) }
        : { why: 'no URI of a resource' },
    ),
    params: (incoming) => withMeta(incoming.message.params, ['uri'], allowedRequests(incoming)),
  },
} as const satisfies Readonly<Record<string, Method>>;
