/** Versions of policy and catalogue, as an operator loads and activates them. */
import { runInDurableObject } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import reports from '../../../policy/reports.datalog';
import tools from '../../../policy/tools.toml';
import type { Version } from '../../../src/version/index.ts';
import { type IssuerEnv, versions } from '../../../workers/issuer/platform/env.ts';
import type { ActivateOrder } from '../../../workers/issuer/version/binding.ts';
import { readMerged } from './merged.ts';

export const env = untyped as unknown as IssuerEnv;

export const VERSION: Version = {
  policy: { 'policy/reports.datalog': reports },
  catalogue: tools,
};

/** Another version with the same meaning: `n` is in a comment. */
export const numbered = (n: number): Version => ({
  ...VERSION,
  policy: { ...VERSION.policy, 'policy/z.datalog': `// ${n}` },
});

/** A version that refuses everything. */
export const CLOSED: Version = { ...VERSION, policy: { 'policy/z.datalog': 'deny if true;' } };

const BY = { source: 'operator', actor: 'operator', reason: 'why' } as const;

export const store = () => versions(env);

export async function load(version: unknown = VERSION): Promise<string> {
  const loaded = await store().load({ version, ...BY });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.id;
}

export const activate = (
  id: string,
  expects: string | null,
  changes: Partial<ActivateOrder> = {},
) => store().activate({ id, expects, ...BY, ...changes });

export async function activeId(): Promise<string | undefined> {
  return (await store().status()).active?.version;
}

export const sql = (statement: string, ...values: (string | number)[]) =>
  runInDurableObject(store(), (_, { storage }) => storage.sql.exec(statement, ...values).toArray());

/** The records of versions in the audit log: change and version. */
export async function recorded(): Promise<readonly string[]> {
  const read = await readMerged(env, { after: 0 });
  return read.flatMap(({ record }) =>
    record.event === 'version' ? [`${record.change} ${record.version}`] : [],
  );
}
