import { type KillStatement, openKills } from './kill.ts';

/**
 * The statements of a list that were signed for this issuer, as a verifier would read it. A
 * function of its own and no re-export, for the reason that keeper.ts gives.
 */
export const readKills = (
  list: unknown,
  signer: { readonly issuer: string; readonly key: CryptoKey },
): Promise<readonly KillStatement[]> => openKills(list, signer);
