import { describe, expect, test } from 'vitest';
import { runCampaign, unseen } from './campaign.ts';
import { PARSERS } from './index.ts';

const SEED = 20_261_123;
const TIMEOUT = 60_000; // Milliseconds; a campaign takes a second or two on an idle core.

describe('a parser of untrusted bytes keeps its claims', () => {
  test.each(PARSERS.map((campaign) => [campaign.name, campaign] as const))(
    '%s',
    async (_, campaign) => {
      const report = await runCampaign(campaign, { seed: SEED, cases: campaign.cases });
      expect(report.failures).toEqual([]);
      expect(report.cases).toBe(campaign.cases);
      expect(unseen(campaign, report)).toEqual([]);
    },
    TIMEOUT,
  );
});

test('every campaign has a unique name', () => {
  const names = PARSERS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
