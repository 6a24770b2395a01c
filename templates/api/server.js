// Serves the API on this machine:  npm run api, while npm run dev runs
import { createServer } from 'node:http';
import { createRecorder } from 'hewn/audit';
import { protect } from 'hewn/verifier/node';
import { createApi } from './api.js';

const { HEWN_ISSUER, HEWN_AUDIENCE, HEWN_FEED_PUBLIC_KEY, HEWN_VERIFIER_CREDENTIAL } = process.env;

const hewn = protect({
  issuer: HEWN_ISSUER,
  audience: HEWN_AUDIENCE,
  feedKey: HEWN_FEED_PUBLIC_KEY,
  // Each decision goes to the audit log of the issuer.
  records: createRecorder({ issuer: HEWN_ISSUER, credential: HEWN_VERIFIER_CREDENTIAL }),
});
const { port, hostname } = new URL(HEWN_AUDIENCE);
createServer(hewn.listener(createApi(hewn))).listen(Number(port), hostname, () =>
  console.log(`${HEWN_AUDIENCE}/contacts?region=eu`),
);
