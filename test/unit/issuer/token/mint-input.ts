import type { Grant } from '../../../../src/capability/index.ts';
import { type Catalogue, parseCatalogue } from '../../../../src/catalogue/index.ts';
import { toMilliseconds } from '../../../../src/clock.ts';
import type { Identity } from '../../../../src/identity/index.ts';
import { loadPolicy } from '../../../../src/policy/index.ts';
import type { MintInput } from '../../../../workers/issuer/token/load.ts';

const NOW = toMilliseconds(1_800_000_000);

/** An identity whose token expires in ten minutes. */
export const identity = (subject: string): Identity => ({
  issuerName: 'idp',
  issuer: 'https://idp.example',
  subject,
  claims: {},
  qualified: `https://idp.example#${subject}`,
  expires: new Date(NOW + 600_000),
});

/** The request of agent `agent` for user `alice`, decided by the policy in `source`. */
export function mintInput(
  source: string,
  grants: readonly Grant[],
  { catalogue = new Map(), ...changes }: Partial<MintInput> & { catalogue?: Catalogue } = {},
): MintInput {
  const policy = loadPolicy([{ name: 'test.datalog', source }], catalogue);
  if (!policy.ok) throw new Error(JSON.stringify(policy.error));
  return {
    issuer: 'https://issuer.example',
    policy: policy.value,
    version: { id: 'v'.repeat(64), catalogueHash: 'c'.repeat(64) },
    grantsAbove: [],
    deniedTools: [],
    workflow: 'wf_AAAAAAAAAAAAAAAAAAAAAA',
    now: NOW,
    user: identity('alice'),
    workload: identity('agent'),
    request: {
      subjectToken: '',
      actorToken: '',
      audience: 'https://gateway.example',
      task: 't',
      grants,
    },
    ...changes,
  };
}

/** Returns the catalogue in `toml`. */
export function catalogueOf(toml: string): Catalogue {
  const catalogue = parseCatalogue(toml);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  return catalogue.value;
}
