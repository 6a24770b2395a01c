import { HEAD_FUTURE_SECONDS_MAX } from '../../limits.ts';
import { ask } from '../ask.ts';
import type { Check, Observation, Site } from '../examine.ts';

/** A verifier whose clock is this far ahead denies every call of tier 3. */
const AHEAD_SECONDS_MAX = 5;

export const clocksCheck: Check = {
  name: 'clocks',
  advice: 'Synchronise the clock of this machine with NTP. Tokens and heads carry times.',
  run: async (site) => {
    const asked = await Promise.all([
      observe(site, 'issuer', site.issuer, () => timeOfIssuer(site)),
      ...site.gateways.map(({ name, url }) => observe(site, name, url, async () => undefined)),
    ]);
    return asked.flat();
  },
};

/** workerd alone sends no `Date`. The issuer then states its time in its status. */
async function observe(
  site: Site,
  subject: string,
  url: string,
  otherwise: () => Promise<Date | undefined>,
): Promise<readonly Observation[]> {
  const asked = await ask(site, `${url}/healthz`);
  const date = (asked.kind === 'answer' ? asked.date : undefined) ?? (await otherwise());
  return date ? [compare(subject, (site.now().getTime() - date.getTime()) / 1_000)] : [];
}

async function timeOfIssuer({ status }: Site): Promise<Date | undefined> {
  const asked = await status();
  return asked.ok ? new Date(asked.value.now) : undefined;
}

/** The header counts whole seconds, so a difference of one says nothing. */
function compare(subject: string, seconds: number): Observation {
  const off = Math.round(Math.abs(seconds));
  const detail = `this clock is ${off} s ${seconds < 0 ? 'behind' : 'ahead'}`;
  if (off > HEAD_FUTURE_SECONDS_MAX) return { subject, status: 'fail', detail };
  if (off > AHEAD_SECONDS_MAX) return { subject, status: 'warn', detail };
  return { subject, status: 'ok', detail: 'the clocks agree' };
}
