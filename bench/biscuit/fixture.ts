/** The tokens of the benchmarks, made by the reference and by jose. Node only. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { mint, openArena, withFixedRandomness } from '../../test/reference/index.ts';
import type { Fixture } from './contest.ts';

const ROOT_SECRET = '11'.repeat(32);

const AUTHORITY = `
  issuer("https://issuer.example"); workflow("wf_0123456789");
  grant("crm.search", "read", "crm/contacts"); grant("crm.export", "read", "crm/contacts");
  audience("https://crm.example");
  check if time($t), $t < 2030-01-01T00:00:00Z;`;

/** Three checks, as a step of a workflow adds them. */
const CAVEATS = `
  check all tool($t), {"crm.search"}.contains($t);
  check all dataset($d), $d === "crm/contacts/eu" || $d.starts_with("crm/contacts/eu/");
  check if time($t), $t < 2029-01-01T00:00:00Z;`;

const REQUEST = `
  time(2026-11-23T10:00:00Z); tool("crm.search"); dataset("crm/contacts/eu");`;

const POLICY = `
  allow if tool($t), dataset($d), grant($t, "read", $g), $d.starts_with($g);`;

export async function makeFixture(): Promise<Fixture> {
  const { reference, close } = await openArena();
  const token = withFixedRandomness('bench', () =>
    mint(reference, `ed25519-private/${ROOT_SECRET}`, {
      blocks: [{ code: AUTHORITY }, { code: CAVEATS }, { code: CAVEATS }],
    }),
  );
  const secret = reference.PrivateKey.fromString(`ed25519-private/${ROOT_SECRET}`);
  const publicKey = reference.KeyPair.fromPrivateKey(secret).getPublicKey().toString();
  close();
  const keys = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwt = await new SignJWT({ scope: 'crm.search', tenant: 'acme' })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer('https://issuer.example')
    .setAudience('https://crm.example')
    .setExpirationTime('10y')
    .sign(keys.privateKey);
  return {
    rootPublicKey: publicKey.replace('ed25519/', ''),
    token: Buffer.from(token).toString('base64url'),
    authorizer: POLICY,
    requestFacts: REQUEST,
    authorityCode: AUTHORITY,
    blockCode: CAVEATS,
    jwt,
    jwk: (await exportJWK(keys.publicKey)) as JsonWebKey,
  };
}
