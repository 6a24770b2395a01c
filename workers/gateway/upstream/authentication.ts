import { ok, type Result, refuse } from '../../../src/result.ts';
import { signsCaller, type UpstreamConfig } from '../../../src/upstream/index.ts';
import type { Automaton } from './automaton.ts';
import { addPlainCaller, CALLER_HEADER, type CallerSigner } from './caller.ts';
import {
  type Credential,
  type CredentialFault,
  createCredential,
  type Injected,
  type Outgoing,
} from './credentials/index.ts';
import { needlesOf } from './scanner.ts';
import { missingSecret, type SecretEnv, secretReader } from './secrets.ts';

/** Users of a server with tokens of their own. What finds the secrets of one takes some 50 kB. */
const NEEDLES_MAX = 64;

/** Adds to a request who calls, and last of all what the gateway authenticates itself with. */
export class Authentication {
  readonly #config: UpstreamConfig;
  readonly #env: SecretEnv;
  readonly #signer: CallerSigner;
  #credential: Credential | undefined;
  readonly #needles = new Map<string, Automaton>();

  constructor(config: UpstreamConfig, env: SecretEnv, signer: CallerSigner) {
    this.#config = config;
    this.#env = env;
    this.#signer = signer;
  }

  /** Returns the name of the secret without which no request can be sent. */
  missing(): string | undefined {
    const { credential } = this.#config;
    if (signsCaller(this.#config) && !this.#signer.canSign) return 'CALLER_KEY';
    return credential && missingSecret(credential, this.#env);
  }

  async addCaller({ headers, caller }: Outgoing): Promise<Result<null, CredentialFault>> {
    if (!caller || this.#config.caller === 'none') return ok(null);
    if (this.#config.caller === 'plain') {
      addPlainCaller(headers, caller);
      return ok(null);
    }
    const token = await this.#signer.sign(caller, this.#config.url);
    if (token === undefined) return refuse('secret_missing');
    headers.set(CALLER_HEADER, token);
    return ok(null);
  }

  async inject(request: Outgoing): Promise<Result<Injected, CredentialFault>> {
    const { credential: config } = this.#config;
    if (!config) return ok({ secrets: [] });
    this.#credential ??= await createCredential(config as never, {
      secret: secretReader(config, this.#env),
      callerToken: async (caller, audience) => {
        const token = await this.#signer.sign(caller, audience);
        return token === undefined ? refuse('secret_missing') : ok(token);
      },
    });
    return this.#credential.inject(request);
  }

  refused(request: Outgoing): void {
    this.#credential?.refused?.(request);
  }

  /** Returns what an answer is scanned for; undefined if no secret was sent. */
  needlesOf(secrets: readonly string[]): Automaton | undefined {
    if (secrets.length === 0) return undefined;
    const key = JSON.stringify(secrets);
    const known = this.#needles.get(key);
    if (known) return known;
    const needles = needlesOf(secrets);
    if (this.#needles.size >= NEEDLES_MAX) this.#needles.clear();
    this.#needles.set(key, needles);
    return needles;
  }
}
