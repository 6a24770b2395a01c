import { ask } from '../ask.ts';
import type { Check, Observation, Site } from '../examine.ts';

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;

export const upstreamsCheck: Check = {
  name: 'upstreams',
  advice:
    'Let only the gateway reach this server, for example with Cloudflare Access or a private network: a caller that reaches it needs no capability.',
  run: (site) =>
    Promise.all(
      site.gateways.flatMap(({ upstreams }) =>
        Object.entries(upstreams).map(([server, url]) => observe(site, server, url)),
      ),
    ),
};

async function observe(site: Site, subject: string, url: string): Promise<Observation> {
  const { hostname } = new URL(url);
  if (LOOPBACK.test(hostname)) {
    return { subject, status: 'ok', detail: `${hostname} is reachable from its own machine only` };
  }
  const asked = await ask(site, url);
  if (asked.kind === 'none') {
    return { subject, status: 'ok', detail: `cannot be reached from here (${asked.why})` };
  }
  const { status } = asked;
  if (status === 401 || status === 403) {
    return { subject, status: 'ok', detail: `refuses this machine (HTTP ${status})` };
  }
  return {
    subject,
    status: 'warn',
    detail: `answers this machine past the gateway (HTTP ${status})`,
  };
}
