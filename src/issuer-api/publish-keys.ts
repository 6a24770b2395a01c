import { publicHex } from '../signing-keys.ts';
import { ADMIN_API } from './admin/index.ts';
import type { AdminCaller, CallFault } from './call.ts';

const { addReceiptKey, addApproverKey } = ADMIN_API.keys;

/** A private key of a deployment, whose public half the head of the feed should name. */
export interface KeyToPublish {
  /** What it signs. */
  readonly use: 'receipt' | 'approver';
  /** The audience of the gateway, or for whom it approves. */
  readonly holder: string;
  readonly privateKey: string;
}

/** A key that the head does not name, and why. */
export interface UnpublishedKey extends Omit<KeyToPublish, 'privateKey'> {
  readonly fault: CallFault;
}

interface SigningParts {
  /** The URL of the issuer, and its private key for approvals, if it has one. */
  readonly issuer: { readonly url: string; readonly approverKey: string | undefined };
  readonly gateways: readonly { readonly url: string; readonly receiptKey: string | undefined }[];
}

/** Returns the keys of a deployment that the feed has to name. */
export const keysToPublish = ({ issuer, gateways }: SigningParts): readonly KeyToPublish[] =>
  [
    ...gateways.map(({ url, receiptKey }) => ({ use: 'receipt', holder: url, key: receiptKey })),
    { use: 'approver', holder: issuer.url, key: issuer.approverKey },
  ].flatMap(({ use, holder, key }) =>
    key ? [{ use: use as KeyToPublish['use'], holder, privateKey: key }] : [],
  );

/**
 * Lets the head of the feed name the keys that a command has generated. Idempotent: the issuer
 * changes and records nothing if the head names them. Returns those that it does not name.
 */
export async function publishKeys(
  call: AdminCaller,
  keys: readonly KeyToPublish[],
  reason: string,
): Promise<readonly UnpublishedKey[]> {
  const unpublished: UnpublishedKey[] = [];
  for (const { use, holder, privateKey } of keys) {
    const facts = { public_key: await publicHex(privateKey), reason };
    const added =
      use === 'receipt'
        ? await call(addReceiptKey, { body: { ...facts, gateway: holder } })
        : await call(addApproverKey, { body: { ...facts, approver: holder } });
    if (!added.ok) unpublished.push({ use, holder, fault: added.error });
  }
  return unpublished;
}

/** What a key without a place in the head means for its gateway, or for the issuer. */
export const describeUnpublished = (
  { use, holder }: Pick<UnpublishedKey, 'use' | 'holder'>,
  why: string,
): string =>
  use === 'receipt'
    ? `The gateway ${holder} signs no receipts, because the feed does not name its key: ${why}`
    : `The issuer approves no single calls, because the feed does not name its key: ${why}`;
