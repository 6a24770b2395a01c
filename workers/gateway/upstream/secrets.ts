import { readSeconds } from '../../../src/clock.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import {
  type CredentialConfig,
  isSealKeys,
  type OpenedSecret,
  openSealed,
  secretText,
  useSealed,
} from '../../../src/upstream/index.ts';
import type { CredentialFault, CredentialTools } from './credentials/index.ts';

/** Where the secrets of a gateway are: its environment. */
export type SecretEnv = Readonly<Record<string, unknown>>;

/** Returns the function that reads the secret of a credential. */
export function secretReader(
  { secret: name, sealed }: Pick<CredentialConfig, 'secret' | 'sealed'>,
  env: SecretEnv,
): CredentialTools['secret'] {
  if (sealed === undefined) return async () => readNamed(env, name ?? '');
  let opened: OpenedSecret | undefined;
  return async (to) => {
    const keys = sealKeysOf(env);
    if (!keys) return refuse('secret_missing');
    opened ??= await openSealed(sealed, keys);
    if (!opened) return refuse('sealed_unopened');
    const used = useSealed(opened, to, readSeconds());
    return used.ok ? usable(used.value) : used;
  };
}

/** Returns the name of the secret that a credential needs and the environment lacks. */
export function missingSecret(
  { secret, sealed }: Pick<CredentialConfig, 'secret' | 'sealed'>,
  env: SecretEnv,
): string | undefined {
  if (sealed !== undefined) return sealKeysOf(env) ? undefined : 'SEAL_KEYS';
  // A public client of an OAuth server has none.
  return secret === undefined || readNamed(env, secret).ok ? undefined : secret;
}

function readNamed(env: SecretEnv, name: string): Result<string, CredentialFault> {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return typeof value === 'string' && value !== '' ? usable(value) : refuse('secret_missing');
}

function usable(value: string): Result<string, CredentialFault> {
  const secret = secretText(value);
  return secret === undefined ? refuse('secret_unusable') : ok(secret);
}

function sealKeysOf(env: SecretEnv): readonly string[] | undefined {
  const { SEAL_KEYS: keys } = env;
  return typeof keys === 'string' && isSealKeys(keys) ? keys.split(' ') : undefined;
}
