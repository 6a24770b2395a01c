import type { Check } from '../examine.ts';

export const configurationCheck: Check = {
  name: 'configuration',
  advice: 'Run hewn check: it lists each fault with its line.',
  run: async ({ contents: { faults, casesPassed } }) => [
    faults > 0
      ? { subject: 'files', status: 'fail', detail: `the files have ${faults} faults` }
      : {
          subject: 'files',
          status: 'ok',
          detail: `no fault, and ${casesPassed} policy cases pass`,
        },
  ],
};
