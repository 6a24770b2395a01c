import type { CryptoKey } from 'jose';
import type { UnixSeconds } from '../../clock.ts';
import { FEED_KILLS_MAX } from '../../limits.ts';
import { exactly, integer, literally, textUpTo, uint48 } from './shape.ts';
import { openSigned, type SignedForm } from './signed.ts';
import { isWatermark, WATERMARK_FORM, type Watermark } from './watermark.ts';

const KILL_PAYLOAD_BYTES_MAX = 4 * 1024; // Room for a value of 2 KiB and an issuer.

/**
 * A watermark signed with an operator's offline key, which verifiers pin. It can only stop tokens,
 * so any host may serve it, even while the issuer is down or compromised.
 */
export interface KillStatement extends Watermark {
  readonly v: 1;
  /** The issuer whose tokens it stops. */
  readonly issuer: string;
  readonly issued_at: UnixSeconds;
  /** The operator's own number for the statement. */
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
 * Returns the valid statements of a list that are for this issuer. Everything else in the list is
 * skipped: otherwise a single bad item could hide a genuine statement.
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
