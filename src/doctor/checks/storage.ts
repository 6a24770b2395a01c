import type { Check, Observation } from '../examine.ts';
import { unasked } from './keys.ts';

export const storageCheck: Check = {
  name: 'storage',
  advice: 'Read the log of the issuer: a Durable Object does not start.',
  run: async ({ status }) => {
    const asked = await status();
    if (!asked.ok) return [unasked(asked.error)];
    return asked.value.storage.map(({ object, stored, known }): Observation => {
      if (stored === null) return { subject: object, status: 'fail', detail: 'did not answer' };
      if (stored > known) {
        const detail = `version ${stored}, newer than the code, which writes ${known}`;
        const advice = 'The issuer was rolled back. It works; deploy the newer release again.';
        return { subject: object, status: 'warn', detail, advice };
      }
      return { subject: object, status: 'ok', detail: `version ${stored}` };
    });
  },
};
