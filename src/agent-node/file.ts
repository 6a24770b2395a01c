import { open } from 'node:fs/promises';
import { type IdentitySource, jwtIn } from '../agent/identity/index.ts';

const TOKEN_BYTES_MAX = 64 * 1024;

/** Where a projected volume of a pod has its token: see the guide of identities. */
const KUBERNETES_PATH = '/var/run/hewn/token';

/**
 * Returns the identity source that reads a file, which a platform keeps up to date. The file is
 * read for each token.
 *
 * @example
 * ```ts
 * import { fileIdentity } from 'hewn/agent/node';
 *
 * const identity = fileIdentity('/var/run/secrets/agent.jwt');
 * console.log(identity.name);
 * ```
 */
export const fileIdentity = (path: string): IdentitySource => source(path, path, '');

/**
 * Returns the identity source of a pod: the token of a `serviceAccountToken` of its projected
 * volumes, whose `audience` is the issuer. The default token of a pod is for the API server.
 *
 * @example
 * ```ts
 * import { kubernetesIdentity } from 'hewn/agent/node';
 *
 * const identity = kubernetesIdentity();
 * console.log(identity.name);
 * ```
 */
export const kubernetesIdentity = (path: string = KUBERNETES_PATH): IdentitySource =>
  source(
    path,
    'Kubernetes',
    'Mount a projected volume with a `serviceAccountToken` whose `audience` is the issuer',
  );

function source(path: string, name: string, advice: string): IdentitySource {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError('the path of an identity file must be a non-empty string');
  }
  return {
    name,
    token: async () => {
      const text = await readText(path).catch((error: Error) => {
        throw new Error(`cannot read ${path}: ${error.message}${advice && `. ${advice}`}`);
      });
      return jwtIn(text, path);
    },
  };
}

/** Reads no more than a token can have: a path may lead to a device. */
async function readText(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(TOKEN_BYTES_MAX), 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
