/** An API with one route, which takes its protection as an argument: the tests hand it another. */

import type { Protection } from 'hewn/verifier';
import { AutoRouter } from 'itty-router';

const dataset = 'crm/contacts/:region';

export const createApi = (hewn: Protection) =>
  AutoRouter().get(
    '/contacts/:region',
    hewn.fetch({ tool: 'crm.search', action: 'read', tier: 1, dataset }, () =>
      Response.json(['Ada', 'Blaise']),
    ),
  );
