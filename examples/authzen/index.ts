/**
 * A policy decision point of AuthZEN 1.0 as a Worker, for enforcement points of any maker: an API
 * gateway asks it before it passes a request on. The agent's capability comes with the question.
 */

import { type AuthzenMapping, createPdp, type Pdp } from 'hewn/authzen';
import { protect } from 'hewn/verifier';

const mapping: AuthzenMapping = {
  subjects: { agent: { is: 'agent' } },
  resources: {
    contact: {
      dataset: 'crm/contacts/{resource.properties.region}',
      actions: {
        view: { tool: 'crm.search', action: 'read', tier: 1 },
        erase: {
          tool: 'crm.erase',
          action: 'delete',
          tier: 3,
          args: { name: '{resource.id}', soft: '{action.properties.soft}' },
        },
      },
    },
  },
};

interface Env {
  readonly ISSUER: string;
  /** The API whose capabilities are judged, as tokens name it. */
  readonly AUDIENCE: string;
  readonly FEED_PUBLIC_KEY: string;
  /** The URL of this Worker. */
  readonly PDP_URL: string;
  /** The SHA-256 of the API gateway's credential, in lower-case hex. */
  readonly GATEWAY_SHA256: string;
}

// One per isolate, so that requests share the copy of the feed.
let pdp: Pdp | undefined;

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext) {
    pdp ??= createPdp({
      url: env.PDP_URL,
      mapping,
      callers: [{ name: 'api-gateway', sha256: env.GATEWAY_SHA256 }],
      protection: protect({
        issuer: env.ISSUER,
        audience: env.AUDIENCE,
        feedKey: env.FEED_PUBLIC_KEY,
      }),
    });
    return pdp.fetch(request, ctx);
  },
};
