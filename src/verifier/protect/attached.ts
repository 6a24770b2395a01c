import type { OpenedToken } from '../verifier.ts';
import type { VerifyRequest } from '../verify-request.ts';
import type { ProtectionOptions } from './protection-options.ts';

/**
 * Returns what a request brings to attest the values of its call, for a token that asks where they
 * come from. Without a catalogue, no mark is known and nothing is read.
 */
export async function attachedTo(
  { catalogue }: Pick<ProtectionOptions, 'catalogue'>,
  { capability }: OpenedToken,
  { headers }: Request,
): Promise<Pick<VerifyRequest, 'attached' | 'catalogue'>> {
  if (!catalogue || !capability?.readsFact('arg_origins')) return {};
  const { ATTACHED_HEADER, readAttachedHeader } = await import('../provenance/index.ts');
  const attached = readAttachedHeader(headers.get(ATTACHED_HEADER));
  return { catalogue, ...(attached && { attached }) };
}
