/** An API with one route. Its size is measured. */
import { protect } from '../../src/verifier/index.ts';

const hewn = protect({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  feedKey: 'ab'.repeat(32),
});

export default {
  fetch: hewn.fetch(
    { tool: 'crm.search', action: 'read', tier: 1, dataset: 'crm/contacts/:region' },
    ({ args }) => Response.json(args),
  ),
};
