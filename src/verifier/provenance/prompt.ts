import { isPlain } from '../../canonical-json.ts';
import { sinkMarkAt } from '../../catalogue/index.ts';
import { toHex } from '../../encoding.ts';
import { promptDigest, scalarOf, standsInRequest } from '../../provenance/index.ts';
import type { Attestation, AttestedCall } from './attester.ts';

/**
 * Attests the arguments that the request of the user names. The text counts only if its digest is
 * the one that the issuer signed when the workflow began.
 */
export async function attestPrompt({ token, request, call }: AttestedCall): Promise<Attestation> {
  const { attached, catalogue } = request;
  if (attached?.prompt === undefined) return {};
  const ignored = (why: string): Attestation => ({ ignored: [{ part: 'prompt', why }] });
  const signed = token.authority.prompt;
  if (signed === undefined) return ignored('the token has no digest of a request');
  const digest = isPlain(attached.prompt) ? await promptDigest(attached.prompt) : undefined;
  if (digest === undefined || toHex(digest) !== signed) return ignored('not the signed request');
  const { text } = attached.prompt;
  const tool = catalogue?.get(call.tool);
  const values = call.nodes.flatMap((node) => {
    const value = scalarOf(node);
    if (value === undefined) return [];
    const kind = tool && sinkMarkAt(tool, node.pointer)?.kind;
    return standsInRequest(text, value, kind)
      ? [{ value, sources: ['prompt'], pointer: node.pointer }]
      : [];
  });
  return { values };
}
