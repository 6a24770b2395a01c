import type { DecisionRecord, MintRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import type { ExplainedVersion, Known } from '../../../src/explain/index.ts';
import { checkVersion } from '../../../src/policy/index.ts';
import { inputOf, requestOf } from '../../../src/questions/index.ts';
import type { Version } from '../../../src/version/index.ts';
import { readTree } from '../activity/tokens.ts';
import { activity, type IssuerEnv, versions } from '../platform/env.ts';
import { namesOf } from '../questions/names.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { rootOf } from '../workflow/id.ts';

/** Returns what is known of a denied call beside its record: its mint, and the version of that. */
export async function readKnown(
  env: IssuerEnv,
  record: DecisionRecord,
  deployed: DeployedPolicy,
): Promise<Known> {
  const mint = await findMint(env, record);
  if (!mint) return {};
  const version = await readVersion(env, mint.version, deployed);
  const request = requestOf(mint);
  const input = request && inputOf(request, namesOf(env));
  return {
    ...(Array.isArray(mint.grants) && { grants: mint.grants as readonly Grant[] }),
    ...(version && { version }),
    ...(input && { input }),
  };
}

/** The mint of the token, or the newest one of its workflow: a renewal has no record. */
async function findMint(
  env: IssuerEnv,
  { workflow, blocks }: DecisionRecord,
): Promise<MintRecord | undefined> {
  if (workflow === undefined) return undefined;
  const root = rootOf(workflow);
  const [row] = await activity(env).find([root]);
  const { records } = await readTree(env, root, row?.began);
  const mints = records.flatMap((one) =>
    one.event === 'mint' && one.workflow === workflow ? [one] : [],
  );
  return mints.findLast((mint) => mint.blocks?.includes(blocks[0] ?? '')) ?? mints.at(-1);
}

/** Returns a version as it was when it decided. Returns undefined if the store has dropped it. */
async function readVersion(
  env: IssuerEnv,
  id: string | undefined,
  deployed: DeployedPolicy,
): Promise<ExplainedVersion | undefined> {
  const inForce = await deployed.load(env);
  if (inForce && (id === undefined || inForce.id === id)) {
    return { ...textsOf(inForce.id, inForce.texts), policy: inForce.policy };
  }
  const stored = id === undefined ? undefined : await versions(env).show(id);
  const checked = stored && checkVersion(stored);
  return stored && checked?.ok && id !== undefined
    ? { ...textsOf(id, stored), policy: checked.value.policy }
    : undefined;
}

const textsOf = (id: string, { policy, catalogue }: Version) => ({
  id,
  files: Object.entries(policy)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, source]) => ({ name, source })),
  catalogue,
});
