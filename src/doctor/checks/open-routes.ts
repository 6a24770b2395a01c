import { ask } from '../ask.ts';
import type { Check, GatewayRoute, Observation, Site } from '../examine.ts';

export const openRoutesCheck: Check = {
  name: 'open routes',
  advice:
    'Stop the traffic to this Worker until you know why: a request without a credential must be refused.',
  run: async (site) => {
    const calls = site.gateways.flatMap(({ name, url, routes }) => {
      const subject = `gateway ${name}`;
      const observing = routes.filter(({ mode }) => mode === 'observe');
      return [
        ...(['mcp', 'http'] as const)
          .map((kind) => routes.find((one) => one.kind === kind && one.mode === 'enforce'))
          .filter((route) => route !== undefined) // The servers of one kind share one route.
          .map(({ kind, server }) =>
            refused(site, subject, `${url}/${kind}/${server}`, CALLS[kind]),
          ),
        ...observing.map(({ server }) => observes(subject, server)),
      ];
    });
    return Promise.all([
      refused(site, 'admin API', `${site.issuer}/admin/v1/audit?limit=1`, {}),
      ...calls,
    ]);
  },
};

/** Harmless for a server that would answer it. */
const CALLS: Readonly<Record<GatewayRoute['kind'], RequestInit>> = {
  mcp: {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  },
  http: { method: 'GET' },
};

/** Nothing is sent: the gateway would forward it, as it is configured to. */
const observes = (subject: string, server: string): Observation => ({
  subject,
  status: 'warn',
  detail: `only observes ${server}: it forwards calls without a token`,
  advice: 'Enforce as soon as hewn observe report is empty: docs/guides/observe.md.',
});

async function refused(
  site: Site,
  subject: string,
  url: string,
  init: RequestInit,
): Promise<Observation> {
  const asked = await ask(site, url, init);
  if (asked.kind === 'none') {
    const advice = 'Examine the Worker first.';
    return { subject, status: 'skip', detail: `no answer: ${asked.why}`, advice };
  }
  const { status } = asked;
  if (status === 401) {
    return { subject, status: 'ok', detail: 'refuses a request without a credential' };
  }
  if (status >= 200 && status < 300) {
    return { subject, status: 'fail', detail: `answers HTTP ${status} without a credential` };
  }
  const advice = 'Examine the Worker first: it should answer 401.';
  return { subject, status: 'warn', detail: `answers HTTP ${status}, expected 401`, advice };
}
