import * as v from 'valibot';
import { checkAudience } from '../../../src/capability/index.ts';
import { credentialDigestSchema } from '../../../src/credential-digest.ts';
import { fromHex } from '../../../src/encoding.ts';

export interface VerifierCredential {
  readonly audience: string;
  readonly sha256: Uint8Array<ArrayBuffer>;
}

const verifierList = v.array(
  v.strictObject({
    audience: v.pipe(
      v.string(),
      v.check((audience) => checkAudience(audience).ok),
    ),
    sha256: credentialDigestSchema,
  }),
);

/** Returns the verifiers that a deployment names. Returns undefined if one is malformed. */
export function readVerifiers(json: unknown): readonly VerifierCredential[] | undefined {
  const parsed = v.safeParse(verifierList, json);
  if (!parsed.success) return undefined;
  return parsed.output.map(({ audience, sha256 }) => ({
    audience,
    sha256: fromHex(sha256) ?? new Uint8Array(32),
  }));
}
