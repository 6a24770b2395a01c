import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { type IdentitySource, jwtIn } from '../agent/identity/index.ts';
import { OBTAIN_MILLISECONDS_MAX } from '../limits.ts';
import { type Members, optional, readOptions, text } from '../options.ts';
import { readSvid, writeRequest } from './spiffe-messages.ts';

/** The options of `spiffeIdentity`. */
export interface SpiffeOptions {
  /** The address of the Workload API; by default the variable `SPIFFE_ENDPOINT_SOCKET`. */
  readonly socket?: string;
  /** Which of several identities of the workload; by default the first. */
  readonly spiffeId?: string;
  /** The `aud` of the token, as the issuer's configuration has it; by default the issuer's URL. */
  readonly audience?: string;
}

const OPTIONS: Members<SpiffeOptions> = {
  socket: optional(text),
  spiffeId: optional(text),
  audience: optional(text),
};

const ANSWER_BYTES_MAX = 256 * 1024; // Several SVIDs of one workload.

/**
 * Returns the identity source of a workload that SPIFFE names: a JWT-SVID of the Workload API, such
 * as that of a SPIRE agent on this machine.
 *
 * @example
 * ```ts
 * import { spiffeIdentity } from 'hewn/agent/node';
 *
 * const identity = spiffeIdentity({ socket: 'unix:///tmp/spire-agent/public/api.sock' });
 * console.log(identity.name);
 * ```
 */
export function spiffeIdentity(options: SpiffeOptions = {}): IdentitySource {
  const { socket, spiffeId, audience } = readOptions(options, 'spiffeIdentity', OPTIONS);
  return {
    name: 'SPIFFE',
    token: async ({ issuer }) => {
      const address = socket ?? process.env.SPIFFE_ENDPOINT_SOCKET;
      if (!address) {
        throw new Error(
          'SPIFFE_ENDPOINT_SOCKET is not set. Set it to the Workload API, such as unix:///run/spire/agent.sock',
        );
      }
      const request = writeRequest({ audience: audience ?? issuer, spiffeId });
      const svid = readSvid(await callWorkloadApi(address, request));
      if (svid === undefined) {
        throw new Error(`the Workload API at ${address} has no JWT-SVID for this workload`);
      }
      return jwtIn(svid, `the answer of ${address}`);
    },
  };
}

/** Makes the one unary gRPC call of the Workload API that is needed, over plain HTTP/2. */
async function callWorkloadApi(address: string, request: Uint8Array): Promise<Uint8Array> {
  const session = openSession(address);
  try {
    return await new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`the Workload API at ${address} ${why}`));
      const timer = setTimeout(() => fail('did not answer in time'), OBTAIN_MILLISECONDS_MAX);
      session.on('error', ({ message }: Error) => fail(`cannot be reached: ${message}`));
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: '/SpiffeWorkloadAPI/FetchJWTSVID',
        'content-type': 'application/grpc',
        te: 'trailers',
        // The Workload API requires it, because a forged request of a browser cannot have it.
        'workload.spiffe.io': 'true',
      });
      const chunks: Buffer[] = [];
      let length = 0;
      const ended = ({ 'grpc-status': status, 'grpc-message': message }: GrpcStatus) => {
        if (status === undefined || String(status) === '0') return;
        fail(`refused: ${decodeURIComponent(String(message ?? `gRPC status ${status}`))}`);
      };
      stream.on('response', ended).on('trailers', ended);
      stream.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > ANSWER_BYTES_MAX) fail('sent too much');
        else chunks.push(chunk);
      });
      stream.on('error', ({ message }: Error) => fail(`cannot be reached: ${message}`));
      stream.on('close', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks));
      });
      stream.end(request);
    });
  } finally {
    session.destroy();
  }
}

interface GrpcStatus {
  readonly 'grpc-status'?: unknown;
  readonly 'grpc-message'?: unknown;
}

/** The standard allows a Unix socket, and TCP by an IP address. */
function openSession(address: string): ClientHttp2Session {
  const unix = /^unix:(?:\/\/)?(\/.+)$/.exec(address)?.[1];
  if (unix !== undefined) {
    return connect('http://localhost', { createConnection: () => connectSocket(unix) });
  }
  const tcp = /^tcp:\/\/([\d.]+|\[[\da-f:]+\]):(\d+)$/i.exec(address);
  if (tcp) return connect(`http://${tcp[1]}:${tcp[2]}`);
  throw new Error(
    `${address} is no address of a Workload API. Write unix:///path/to/socket or tcp://127.0.0.1:8081`,
  );
}
