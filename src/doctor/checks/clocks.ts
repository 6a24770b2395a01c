import { HEAD_FUTURE_SECONDS_MAX } from '../../limits.ts';
import { ask } from '../ask.ts';
import type { Check, Observation } from '../examine.ts';

/** A verifier whose clock is this far ahead denies every call of tier 3. */
const AHEAD_SECONDS_MAX = 5;

export const clocksCheck: Check = {
  name: 'clocks',
  advice: 'Synchronise the clock of this machine with NTP. Tokens and heads carry times.',
  run: async (site) => {
    const places = [{ name: 'issuer', url: site.issuer }, ...site.gateways];
    return Promise.all(
      places.map(async ({ name, url }): Promise<Observation> => {
        const asked = await ask(site, `${url}/healthz`);
        const date = asked.kind === 'answer' ? asked.date : undefined;
        if (!date) return { subject: name, status: 'skip', detail: `${url} states no time` };
        return compare(name, (site.now().getTime() - date.getTime()) / 1_000);
      }),
    );
  },
};

/** The header counts whole seconds, so a difference of one says nothing. */
function compare(subject: string, seconds: number): Observation {
  const off = Math.round(Math.abs(seconds));
  const detail = `this clock is ${off} s ${seconds < 0 ? 'behind' : 'ahead'}`;
  if (off > HEAD_FUTURE_SECONDS_MAX) return { subject, status: 'fail', detail };
  if (off > AHEAD_SECONDS_MAX) return { subject, status: 'warn', detail };
  return { subject, status: 'ok', detail: 'the clocks agree' };
}
