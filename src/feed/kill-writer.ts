import { canonicalJson, type Json } from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import { KILL_FORM, type KillStatement } from './kill.ts';
import { type Signed, signPayload } from './signed.ts';

/** `sign` is Ed25519 with the operator's offline key, which signs nothing else. */
export const signKill = (
  kill: KillStatement,
  sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<Signed> => signPayload(KILL_FORM, utf8(canonicalJson(kill as unknown as Json)), sign);
