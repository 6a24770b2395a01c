import { parseToken, privateKeyFromText } from '../../../src/biscuit/index.ts';
import { type ApprovedCall, appendApproval, approveCalls } from '../../../src/capability/index.ts';
import { toMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import { toHex } from '../../../src/encoding.ts';

/** What an agent gets: the block to append, and what it approves. */
export interface SignedCalls {
  /** `ThirdPartyBlockContents`, in base64url. */
  readonly block: string;
  readonly until: UnixSeconds;
  readonly calls: readonly ApprovedCall[];
  /** Of the approver, in lower-case hex: what the feed lists if it is withdrawn. */
  readonly signature: string;
}

/** Signs approved calls for the end of a token. Throws for calls or times that the issuer made. */
export async function signCalls(
  token: string,
  key: string,
  calls: readonly ApprovedCall[],
  { until, now }: { readonly until: UnixSeconds; readonly now: UnixSeconds },
): Promise<SignedCalls> {
  const signer = privateKeyFromText(key);
  if (!signer.ok) throw new Error(`the approver key is no private key: ${signer.error.code}`);
  const [end, begin] = [until, now].map((seconds) => new Date(toMilliseconds(seconds)));
  const times = { until: end as Date, now: begin as Date };
  const block = await approveCalls(token, signer.value, calls, times);
  if (!block.ok) throw new Error(`an approval is not signed: ${JSON.stringify(block.error)}`);
  return { block: block.value, until, calls, signature: await signatureOf(token, block.value) };
}

/** Reads the signature where a verifier reads it: in the token that the agent will send. */
async function signatureOf(token: string, block: string): Promise<string> {
  const approved = await appendApproval(token, block);
  const parsed = approved.ok ? parseToken(approved.value) : approved;
  if (!parsed.ok) throw new Error(`an approval does not fit its token: ${parsed.error.code}`);
  const last = parsed.value.block(parsed.value.blockCount - 1);
  const signature = last.ok ? last.value.externalSignature : undefined;
  if (!signature) throw new Error('an approval has no signature');
  return toHex(signature);
}
