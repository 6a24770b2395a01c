import { upstreamSchema } from '../upstream/index.ts';
import type { Settings } from './settings.ts';

const {
  url,
  kind,
  caller,
  credential,
  mode,
  serverRequests,
  observe,
  limits,
  addresses,
  service,
  certificate,
} = upstreamSchema.entries;

/** Keys of `[gateways.NAME.upstreams.SERVER]`. */
export const UPSTREAM_SETTINGS = {
  url: {
    schema: url,
    required: true,
    purpose: 'The server. Redirects are not followed.',
  },
  kind: {
    schema: kind.wrapped,
    absent: '`mcp`',
    purpose: 'What the server speaks: MCP over Streamable HTTP, or an HTTP API.',
  },
  caller: {
    schema: caller.wrapped,
    absent: '`signed`',
    purpose:
      'How the server learns who calls: in the signed header `Hewn-Caller`, in plain `X-Hewn-*` headers, or not.',
  },
  credential: {
    schema: credential.wrapped,
    absent: 'none',
    purpose:
      'What the gateway authenticates itself with, by `kind`: see [Upstreams](../guides/upstreams.md). It has the name of a secret, never its value.',
  },
  mode: {
    schema: mode.wrapped,
    absent: '`enforce`',
    purpose: 'Whether calls are judged, or only recorded as they would have been judged.',
  },
  serverRequests: {
    schema: serverRequests.wrapped,
    absent: 'nothing: the server learns of no such capability',
    purpose:
      'What an MCP server may ask of its clients: `elicitation`, `sampling`, `roots`. The answer of an agent carries data to the server.',
  },
  observe: {
    schema: observe.wrapped,
    absent: '`{ credential = "caller" }`',
    purpose:
      'With whose `credential` a call is made that would be denied while the mode is `observe`: `caller` is what the caller itself brought, or none; `gateway` accepts that an agent with a valid token gets the credential of the gateway for calls that no one granted. A call without a token never does.',
  },
  limits: {
    schema: limits.wrapped,
    absent:
      '30 s, 300 s with progress, 256 KiB a request, 4 MiB an answer, and any number at a time',
    purpose:
      'What one call may take: `seconds`, `progressSeconds` in all while the server reports progress, `requestBytes`, `answerBytes`; and `concurrent` calls at a time in one isolate. A tool of the catalogue can state less.',
  },
  addresses: {
    schema: addresses.wrapped,
    absent: 'public addresses only, over https',
    purpose:
      'Private and special addresses that the server may be at: networks such as `10.20.0.0/16`, addresses, or names such as `notes`.',
  },
  service: {
    schema: service.wrapped,
    absent: 'the address of `url` is called',
    purpose:
      'The name of a Worker of the same account that is called with `url`, instead of an address.',
  },
  certificate: {
    schema: certificate.wrapped,
    absent: 'no client certificate',
    purpose:
      'The mTLS binding whose client certificate is presented. Declare it in `[wrangler.gateway]`.',
  },
} as const satisfies Settings;
