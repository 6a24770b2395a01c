import type { Call, VerifiedCapability } from '../capability/index.ts';
import type { CallRefusal, Denial } from './decision.ts';
import { withResourceMetadata } from './resource-metadata.ts';
import { approvalOffer, neededDetails, withNeeded } from './step-up.ts';
import type { Verifier } from './verifier.ts';
import { type Scheme, type WireDenial, wireForm, wireResponse, withNonce } from './wire-form.ts';

/** What the response to a denial depends on besides the denial. */
export interface DenialContext {
  readonly verifier: Verifier;
  /** The scheme in which the caller sent its token. */
  readonly scheme?: Scheme | undefined;
  /** The call that was denied, so that the caller learns what it can ask for. */
  readonly call?: Pick<Call, 'tool' | 'action' | 'dataset' | 'args'> | undefined;
  /** What its token says, so that the caller learns where to ask for an approval. */
  readonly capability?: VerifiedCapability | undefined;
  readonly resourceMetadata?: string | undefined;
}

/** Answers a request with a denial, and discards what is left of its body. */
export async function denyRequest(
  { body }: Request,
  denial: Denial | CallRefusal,
  { verifier, scheme, call, capability, resourceMetadata: metadata }: DenialContext,
): Promise<Response> {
  const realm = realmOf(verifier);
  const wire = isRefusal(denial) ? denial : await toWire(denial);
  const plain = wireResponse(wire, realm, scheme);
  const details = call && !isRefusal(denial) ? neededDetails(denial, call) : undefined;
  const denied = await withNeeded(plain, details, approvalOffer(denial, capability?.authority));
  const response = metadata === undefined ? denied : withResourceMetadata(denied, metadata);
  discardBody(body);
  return withNonce(response, await verifier.nonce());
}

/** As `toWire` does, with the code that describes rules loaded on demand. */
async function toWire(denial: Denial): Promise<WireDenial> {
  if (denial.code !== 'constraint_failed') return wireForm(denial, () => undefined);
  const { describeRule } = await import('./describe-rule.ts');
  return wireForm(denial, describeRule);
}

const isRefusal = (denial: Denial | CallRefusal): denial is CallRefusal => 'message' in denial;

/** The verifier's own name. A name from the request would let the client choose what we quote. */
const realmOf = ({ realm = 'hewn' }: Verifier): string => realm;

/** An unread body would hold its connection. */
export function discardBody(body: Request['body']): void {
  // The runtime may have finished with it already, and the answer does not wait for it.
  if (body && !body.locked) body.cancel().catch(() => undefined);
}
