import { readClock } from '../../../src/clock.ts';
import { credentialNameOf } from '../../../src/credential-digest.ts';
import { allowsOrder } from '../../../src/operator-capability/index.ts';
import { ACCESS_PROVIDER, may, type Operator, rolesOf } from '../../../src/operators/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readCredentials } from '../../../src/verifier/index.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import { isStopped, openOperatorToken, readHolderProof } from '../token/presented-capability.ts';
import { useProof } from '../token/use-proof.ts';
import type { CapabilityMaker, StoredCapability } from './binding.ts';

type NotAccepted = { readonly code: 'unauthorized' | 'nonce_required' };

/**
 * Returns the operator of a request that came with an operator capability and a proof of its key.
 * A capability that this API did not mint is refused, whatever it says: a policy may grant a
 * workload a tool of any name. Signature and proof are checked first, since they need no storage.
 */
export async function byCapability(
  request: Request,
  env: IssuerEnv,
): Promise<Result<Operator, NotAccepted>> {
  const config = readConfig(env);
  const live = await openOperatorToken(env, readCredentials(request).token, readClock());
  const { token } = live ?? {};
  const holder = token?.holder;
  if (!live || !token || holder === undefined) return refused('not_one');
  const proof = await readHolderProof(request, env, holder);
  if (!proof.ok) {
    return proof.error.code === 'nonce_required' ? refuse(proof.error) : refused('unproven');
  }
  const known = await operators(env).capability(token.authority.workflow);
  if (!known || known.block !== token.revocationIds[0]) return refused('unknown');
  const isBlockStopped = token.revocationIds.some((block) => known.stopped.includes(block));
  if (isBlockStopped || (await isStopped(env, token))) return refused('stopped');
  const maker = makerOf(config, known);
  if (!maker) return refused('maker');
  if (!(await useProof(proof.value, env))) return refused('replayed');
  return ok({
    name: known.by,
    kind: 'capability',
    roles: [],
    grants: known.grants,
    source: 'api',
    capability: {
      id: known.id,
      blocks: token.revocationIds,
      hops: token.hops,
      allows: (permission, about) =>
        may(maker, permission, about) === true &&
        allowsOrder(token, { permission, about, now: readClock() }),
    },
    endsAt: live.expires,
  });
}

function refused(why: string): Result<never, NotAccepted> {
  report('operator.capability_refused', { why });
  return refuse({ code: 'unauthorized' });
}

/**
 * Returns the maker of a capability with the roles of now. Undefined if the configuration no longer
 * knows where the maker came from.
 */
function makerOf(
  { directory, operatorSha256 }: IssuerConfig,
  { by, maker }: StoredCapability,
): Operator | undefined {
  const facts = { name: by, kind: 'capability', source: 'api' } as const;
  if ('credential' in maker) {
    return maker.credential === credentialNameOf(operatorSha256)
      ? { ...facts, roles: [{ role: 'administrator' }] }
      : undefined;
  }
  const isKnown =
    maker.provider === ACCESS_PROVIDER
      ? directory?.access !== undefined
      : directory !== undefined && Object.hasOwn(directory.providers, maker.provider);
  return directory && isKnown ? { ...facts, roles: rolesOf(directory, maker) } : undefined;
}

/** Returns by what a capability of this operator is void again. */
export const makerFor = ({ person }: Operator, { operatorSha256 }: IssuerConfig): CapabilityMaker =>
  person ?? { credential: credentialNameOf(operatorSha256) };
