import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { forwardedCapabilities } from '../capabilities.ts';
import { allowedRequests, implementation, listedParams, revision } from '../params.ts';
import { carriedDescription } from '../server-capabilities.ts';
import type { SessionOwner } from '../session.ts';
import type { Incoming, Method } from './method.ts';

const noParams = listedParams({});

/** The methods by which a client and a server get to know each other. */
export const LIFECYCLE = {
  initialize: {
    revisions: ['2025-03-26', '2025-11-25'],
    form: 'request',
    about:
      'Forwarded. The capabilities of client and server are shown to each other as far as the gateway carries them.',
    params: (incoming) => {
      const capabilities = incoming.message.params?.capabilities;
      return {
        ...listedParams({ protocolVersion: revision, clientInfo: implementation })(incoming),
        ...(isJsonObject(capabilities) && {
          capabilities: forwardedCapabilities(capabilities, allowedRequests(incoming)),
        }),
      };
    },
    rewrite: carriedDescription,
  },
  'notifications/initialized': {
    revisions: ['2025-03-26', '2025-11-25'],
    form: 'notification',
    about: 'Forwarded.',
    params: noParams,
  },
  'notifications/cancelled': {
    revisions: ['2025-03-26', '2025-11-25'],
    form: 'notification',
    about: 'Forwarded with the id that the server knows, if the request waits in this isolate.',
    params: (incoming, owner) => ({
      ...noParams(incoming),
      ...cancelParams(incoming, owner),
    }),
    isMoot: (incoming, owner) => cancelParams(incoming, owner) === undefined,
  },
  'notifications/roots/list_changed': {
    revisions: ['2025-03-26', '2025-11-25'],
    form: 'notification',
    about: 'Forwarded if the server may ask for roots.',
    params: noParams,
    isMoot: (incoming) => !allowedRequests(incoming).includes('roots'),
  },
  ping: {
    revisions: ['2025-03-26', '2025-11-25'],
    form: 'request',
    about: 'Forwarded.',
    params: noParams,
  },
  'server/discover': {
    revisions: ['2026-07-28'],
    form: 'request',
    about: 'Forwarded. The answer names what the gateway carries of the server.',
    params: noParams,
    rewrite: carriedDescription,
  },
} as const satisfies Readonly<Record<string, Method>>;

/**
 * Returns the parameters of a cancellation, which names a request by the id that the server knows.
 * Undefined if no such request waits in this isolate. Then nothing is forwarded: cancelling is a
 * courtesy, and the agent drops the answer anyway.
 */
function cancelParams(
  { gateway, message }: Incoming,
  { workflow, server }: SessionOwner,
): JsonObject | undefined {
  const id = message.params?.requestId;
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  const requestId = gateway.inFlight.find({ workflow, server, id });
  return requestId === undefined ? undefined : { requestId };
}
