import { VERIFIERS_SEEN_SECONDS } from '../../limits.ts';
import type { Check, Observation } from '../examine.ts';
import { unasked } from './keys.ts';

const NAMED_MAX = 5;

export const verifiersCheck: Check = {
  name: 'verifiers',
  advice:
    'A verifier that waits does not enforce the newest stop yet: check that it reaches the issuer.',
  run: async ({ status }) => {
    const asked = await status();
    if (!asked.ok) return [unasked(asked.error)];
    return asked.value.feed.map(({ shard, state }): Observation => {
      const subject = `shard ${shard}`;
      if (!state) {
        const advice = 'Its Durable Object failed: read the log of the issuer.';
        return { subject, status: 'fail', detail: 'the log did not answer', advice };
      }
      const { seen, confirmed, waiting } = state.verifiers;
      if (seen === 0) {
        const detail = `no verifier reported in the last ${VERIFIERS_SEEN_SECONDS / 60} minutes`;
        const advice = 'Verifiers report while they serve calls. Make one call, and examine again.';
        return { subject, status: 'warn', detail, advice };
      }
      const detail = `${confirmed} of ${seen} verifiers have ${state.epoch}.${state.seq}`;
      if (waiting.length === 0) return { subject, status: 'ok', detail };
      const names = waiting.slice(0, NAMED_MAX).join(', ');
      return { subject, status: 'warn', detail: `${detail}; not yet: ${names}` };
    });
  },
};
