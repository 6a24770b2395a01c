import { FEED_KILLS_MAX } from '../../limits.ts';
import { exactly, integer, literally, textUpTo, uint48 } from './shape.ts';
import { openSigned, type SignedForm } from './signed.ts';
import { isWatermark, WATERMARK_FORM, type Watermark } from './watermark.ts';

const KILL_PAYLOAD_BYTES_MAX = 4 * 1024; // One value of 2 KiB, and an issuer.

/**
 * A watermark signed by an operator's offline key that verifiers pin. It can only stop, so it works
 * from any host that somebody still controls, also when the issuer is down or taken.
 */
export interface KillStatement extends Watermark {
  readonly v: 1;
  /** The issuer whose tokens it stops. */
  readonly issuer: string;
  /** Unix seconds. */
  readonly issued_at: number;
  /** The operator's own number for it, for records. */
  readonly serial: number;
}

export const KILL_FORM: SignedForm = {
  domain: 'hewn-feed-kill-v1',
  payloadBytesMax: KILL_PAYLOAD_BYTES_MAX,
};

const isKill = exactly<KillStatement>({
  v: literally(1),
  issuer: textUpTo(512),
  issued_at: uint48(0),
  serial: integer(0),
  ...WATERMARK_FORM,
});

/**
 * The statements of a list that were signed for this issuer. What else is in the list is passed
 * over: whoever may add to it could otherwise keep a true statement from being read.
 */
export async function readKills(
  list: unknown,
  { issuer, key }: { readonly issuer: string; readonly key: CryptoKey },
): Promise<readonly KillStatement[]> {
  if (!Array.isArray(list)) return [];
  const opened = await Promise.all(
    list.slice(0, FEED_KILLS_MAX).map((wire) => openSigned(KILL_FORM, wire, key, isKill)),
  );
  return opened
    .flatMap((one) => (one.ok ? [one.value] : []))
    .filter((kill) => kill.issuer === issuer && isWatermark(kill));
}
