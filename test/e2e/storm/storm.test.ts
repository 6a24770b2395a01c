import { afterAll, beforeAll, expect, test } from 'vitest';
import { effort } from '../../effort.ts';
import { LocalIssuer } from './local-issuer.ts';
import {
  Follower,
  idsInLog,
  orderAgain,
  type StormOrders,
  stormAndKill,
  targetsInTrail,
} from './storm.ts';

const soakRuns = Number(process.env.HEWN_SOAK_RUNS ?? 0);
const firstSeed = Number(process.env.HEWN_SOAK_SEED ?? 1);
const rounds = soakRuns || effort(1, 3);

let issuer: LocalIssuer;

beforeAll(async () => {
  issuer = await LocalIssuer.build({ hasBucket: true });
  await issuer.start();
});
afterAll(() => issuer.close());

const twice = (list: readonly string[]): string[] =>
  list.filter((one, at) => list.indexOf(one) !== at);

test(
  'a runtime that is killed in a storm of revocations loses none that it acknowledged',
  async () => {
    const orders: StormOrders = { ordered: new Set(), acknowledged: new Map() };
    const follower = new Follower(issuer);
    for (let round = 0; round < rounds; round++) {
      const seed = firstSeed + round;
      const before = orders.acknowledged.size;
      await stormAndKill(issuer, { orders, seed, milliseconds: 200 + ((seed * 379) % 900) });
      expect(orders.acknowledged.size).toBeGreaterThan(before);
      await issuer.start();
      expect(await follower.unstopped(orders.acknowledged.keys())).toEqual([]);
      await orderAgain(issuer, orders);
      expect(await follower.unstopped(orders.ordered)).toEqual([]);
      const [ids, targets] = [await idsInLog(issuer), await targetsInTrail(issuer)];
      expect(twice(ids)).toEqual([]);
      expect(twice(targets)).toEqual([]);
      expect(new Set(ids)).toEqual(orders.ordered);
      expect(new Set(targets)).toEqual(orders.ordered);
    }
  },
  60_000 + rounds * 60_000,
);
