/**
 * Passkeys (WebAuthn): what an authenticator signs when a person confirms something, and whether an
 * answer of a browser counts. On WebCrypto; without attestation, so that no CBOR is read.
 */
export {
  approvalChallenge,
  type ConfirmedApproval,
  confirmationChallenge,
  registrationChallenge,
} from './challenge.ts';
export { PASSKEY_ALGORITHMS, type PasskeyAlgorithm } from './signature.ts';
export {
  type Passkey,
  type PasskeyAnswer,
  type PasskeyMade,
  verifyNewPasskey,
  verifyPasskey,
} from './verify.ts';
