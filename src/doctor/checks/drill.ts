import type { Check } from '../examine.ts';

export const drillCheck: Check = {
  name: 'drill',
  advice:
    'A verifier that is late or never denies does not enforce stops: docs/guides/operator.md, "Drill".',
  run: async ({ drill }) => {
    if (drill) return [await drill()];
    const detail = 'not requested: it revokes a capability and measures when each verifier denies';
    const advice = 'Write drill.json as hewn drill --help describes, and pass --drill drill.json.';
    return [{ subject: 'drill', status: 'skip', detail, advice }];
  },
};
