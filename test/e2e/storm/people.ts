import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { listenOnLoopback } from '../../../src/dev/index.ts';

export const ISSUER = 'https://issuer.example';
const SECONDS = 3_600;

/** Users and agents of an identity provider, which serves its key and nothing else. */
export class People {
  /** As the issuer's configuration names it. */
  readonly provider: Readonly<Record<string, unknown>>;
  readonly #url: string;
  readonly #key: KeyObject;
  readonly close: () => Promise<void>;

  private constructor(url: string, key: KeyObject, close: () => Promise<void>) {
    this.#url = url;
    this.#key = key;
    this.close = close;
    this.provider = {
      // The name and the actor that policy/reports.datalog allows.
      name: 'local-idp',
      issuer: url,
      jwksUri: `${url}/jwks`,
      audience: ISSUER,
      algorithms: ['EdDSA'],
      allowedActors: [`${url}#report-agent`],
    };
  }

  static async create(): Promise<People> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'p', use: 'sig', alg: 'EdDSA' }];
    const { url, close } = await listenOnLoopback({
      port: 0,
      what: 'keys of the identity provider',
      portVariable: 'none',
      handle: () => (_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ keys }));
      },
    });
    return new People(url, privateKey, close);
  }

  /** Returns a token of one of them. */
  token(sub: string): string {
    const iat = Math.floor(Date.now() / 1_000);
    const claims = { iss: this.#url, aud: ISSUER, sub, iat, exp: iat + SECONDS };
    const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const signed = `${part({ alg: 'EdDSA', kid: 'p', typ: 'JWT' })}.${part(claims)}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.#key).toString('base64url')}`;
  }
}
