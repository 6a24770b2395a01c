/** An API of your own with one protected route, for any place that serves Fetch handlers. */

import { protect } from 'hewn/verifier';
import { AutoRouter } from 'itty-router';

const hewn = protect({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  feedKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
});
const dataset = 'crm/contacts/:region';

export default AutoRouter().get(
  '/contacts/:region',
  hewn.fetch({ tool: 'crm.search', action: 'read', tier: 1, dataset }, ({ args }) =>
    Response.json({ region: args.region, found: ['Ada'] }),
  ),
);
