/**
 * The floor of a cold verification with two caveat blocks: three Ed25519 verifications by the
 * platform, with keys that are imported already, and the public half of one secret. Nothing is
 * parsed and nothing decided.
 */
const SEED_PKCS8 = Uint8Array.from([
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04],
  ...[0x20, ...new Array<number>(32).fill(7)],
]);
/** About a signed block of the token that is verified cold. */
const MESSAGE = new Uint8Array(200).fill(1);
const BLOCKS = 3;

export async function floorOperation(): Promise<() => Promise<void>> {
  const keys = (await crypto.subtle.generateKey('Ed25519', false, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
  const signature = await crypto.subtle.sign('Ed25519', keys.privateKey, MESSAGE);
  const verify = () => crypto.subtle.verify('Ed25519', keys.publicKey, signature, MESSAGE);
  const derive = async () => {
    const key = await crypto.subtle.importKey('pkcs8', SEED_PKCS8, 'Ed25519', true, ['sign']);
    return crypto.subtle.exportKey('jwk', key);
  };
  return async () => {
    const pending = Array.from({ length: BLOCKS }, verify);
    await derive();
    if ((await Promise.all(pending)).includes(false)) throw new Error('the floor has a hole');
  };
}
