import { toBase64Url, utf8 } from '../encoding.ts';

/** What a person confirms with a passkey: this answer to this question, and no other. */
export interface ConfirmedApproval {
  /** The id of the approval, so that an answer to the same question counts once. */
  readonly id: string;
  /** The digest of the question that the person saw. */
  readonly digest: string;
  /** Unix seconds until which the approval can be used. */
  readonly until: number;
}

/** Returns what the authenticator signs for an approval, in base64url. */
export const approvalChallenge = ({ id, digest, until }: ConfirmedApproval): Promise<string> =>
  challengeOf(['hewn approval 1', id, digest, String(until)]);

/** Returns what the authenticator signs when a person adds a passkey in a session. */
export const registrationChallenge = (person: string, session: string): Promise<string> =>
  challengeOf(['hewn passkey registration 1', person, session]);

/**
 * Returns what a passkey that the person has signs when another one is added: the challenge of that
 * registration, and the id of the new one.
 */
export const confirmationChallenge = (registration: string, id: string): Promise<string> =>
  challengeOf(['hewn passkey confirmation 1', registration, id]);

/** No part has a line break: names and ids are checked, and the others are hex and digits. */
async function challengeOf(parts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(parts.join('\n')));
  return toBase64Url(new Uint8Array(digest));
}
