import type { FeedFetch } from '../../feed/index.ts';
import type { Report } from '../../report.ts';

/** The issuer as a Worker's service binding, or a function that fetches from it. */
export type IssuerService =
  | { fetch(url: string, init?: RequestInit): Promise<Response> }
  | ((url: string, init?: RequestInit) => Promise<Response>);

/**
 * Returns a function that fetches from the issuer. Without a service, it is the global `fetch`,
 * which cannot reach every issuer from a Worker: an answer of Cloudflare that says so is explained
 * in the log.
 */
export function issuerFetch(
  issuer: string,
  service: IssuerService | undefined,
  report: Report | undefined,
): FeedFetch {
  const send = sendThrough(service);
  return async (path, init) => {
    const response = await send(`${issuer}${path}`, init);
    if (response.ok) return response;
    return (await import('./blocked-fetch.ts')).explainBlocked(response, report);
  };
}

/** Returns a `fetch` that reaches the issuer. */
function sendThrough(service: IssuerService | undefined) {
  if (typeof service === 'function') return service;
  if (service) return (url: string, init?: RequestInit) => service.fetch(url, init);
  return (url: string, init?: RequestInit) => fetch(url, init);
}
