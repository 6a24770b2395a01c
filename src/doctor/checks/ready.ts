import * as v from 'valibot';
import { readinessSchema } from '../../health/index.ts';
import { ask, jsonOf } from '../ask.ts';
import type { Check, Observation, Site } from '../examine.ts';

export const readyCheck: Check = {
  name: 'ready',
  advice: 'Read the log of the Worker: npx wrangler tail NAME.',
  run: (site) =>
    Promise.all(
      [{ name: 'issuer', url: site.issuer }, ...site.gateways].map(({ name, url }) =>
        observe(site, name, url),
      ),
    ),
};

async function observe(site: Site, subject: string, url: string): Promise<Observation> {
  const asked = await ask(site, `${url}/readyz`);
  if (asked.kind === 'none') {
    const advice = `Check the DNS name and the route of ${url}. On workers.dev, the URL must contain the name of the Worker.`;
    return { subject, status: 'fail', detail: `${url} does not answer: ${asked.why}`, advice };
  }
  const { status, text } = asked;
  if (status === 404) {
    const advice =
      'Check that a Worker of Hewn is at this URL. One of a release before 0.3.0 does not have the route: deploy the current release.';
    return { subject, status: 'warn', detail: `${url} has no /readyz`, advice };
  }
  const read = v.safeParse(readinessSchema, jsonOf(text));
  if (!read.success) {
    return {
      subject,
      status: 'fail',
      detail: `${url}/readyz answers HTTP ${status}, not readiness`,
    };
  }
  const failed = read.output.checks.filter(({ ok }) => !ok);
  const [first] = failed;
  if (!first) return { subject, status: 'ok', detail: `${url} is ready` };
  const names = failed.map(({ name, subject: which, variable }) => {
    const named = which === undefined ? name : `${name} ${which}`;
    return variable === undefined ? named : `${named} (${variable})`;
  });
  // Single upstreams cannot be called, and everything else is served.
  const isServing = read.output.ready;
  return {
    subject,
    status: isServing ? 'warn' : 'fail',
    detail: `${url} ${isServing ? 'serves everything except' : 'is not ready'}: ${names.join(', ')}`,
    ...(first.advice !== undefined && { advice: first.advice }),
  };
}
