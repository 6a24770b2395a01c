/**
 * An agent of an HTTP API behind a gateway. Its own code only calls `fetch`: each request is sent
 * with a token that is narrowed to that one call.
 */
import { type Capability, issuerCatalogue, narrowingFetch, obtainCapability } from 'hewn/agent';

export interface AgentOptions {
  readonly issuer: string;
  /** The gateway's URL: the audience of the capability. */
  readonly gateway: string;
  readonly subjectToken: string;
  readonly actorToken: string;
}

/** Obtains a capability for the orders of one customer. */
export async function obtainForCustomer(
  { issuer, gateway, subjectToken, actorToken }: AgentOptions,
  customer: string,
): Promise<Capability> {
  const dataset = `customers/${customer}`;
  const obtained = await obtainCapability({
    issuer,
    audience: gateway,
    subjectToken,
    actorToken,
    task: `support for ${customer}`,
    grants: [
      { tool: 'http/orders/list_orders', action: 'read', dataset },
      { tool: 'http/orders/refund', action: 'write', dataset },
      { tool: 'http/orders/put_photo', action: 'write', dataset },
    ],
  });
  if (!obtained.ok) throw new Error(`no capability: ${JSON.stringify(obtained.error)}`);
  return obtained.value;
}

/** Returns the functions of the API, as an agent calls them. */
export function ordersApi(capability: Capability, { issuer, gateway }: AgentOptions) {
  const catalogue = issuerCatalogue({ issuer });
  const send = narrowingFetch({ capability, catalogue, server: 'orders' });
  const root = `${gateway}/http/orders/customers`;
  return {
    list: (customer: string): Promise<Response> => send(`${root}/${customer}/orders?limit=5`),
    refund: (customer: string, order: number, amount: number): Promise<Response> =>
      send(`${root}/${customer}/orders/${order}/refunds`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ amount, reason: 'arrived broken' }),
      }),
    putPhoto: (customer: string, order: number, photo: Uint8Array<ArrayBuffer>) =>
      send(`${root}/${customer}/orders/${order}/photo`, {
        method: 'PUT',
        headers: { 'content-type': 'image/jpeg' },
        body: photo,
      }),
  };
}
