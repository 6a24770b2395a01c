import { createHash, randomBytes } from 'node:crypto';
import { isCredentialDigest } from '../../credential-digest.ts';
import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { POLL, PUSH } from '../../signals/index.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { renderFacts } from '../terminal/index.ts';
import { callStreams } from './call.ts';

const { createStream } = ADMIN_API.streams;

const FLAGS = {
  push: { kind: 'text', value: 'URL', description: 'send the events to this https URL (RFC 8935)' },
  poll: { kind: 'switch', description: 'let the receiver ask for the events (RFC 8936)' },
  'authorization-stdin': {
    kind: 'switch',
    description: 'with --push: read the Authorization header that the URL asks for from stdin',
  },
  'receiver-sha256': {
    kind: 'text',
    value: 'DIGEST',
    description: 'SHA-256 of the token that the receiver has already, in lower-case hex',
  },
  ...ISSUER_FLAGS,
  ...JSON_FLAG,
} as const;

export const streamsCreate = defineCommand({
  name: 'streams create',
  summary: 'create a stream of security events for a receiver',
  operands: 'AUDIENCE',
  description: `Creates a stream (SSF 1.0) that tells a receiver when a workflow ends. AUDIENCE is the receiver, as the aud of its events names it.

The receiver proves by a token that the stream is its own. Without --receiver-sha256, the command makes the token and writes it to standard output and nothing else; it refuses to write to a terminal. The issuer stores only its SHA-256: if the token is lost, create another stream. Standard error has what the receiver needs besides.

The header of --authorization-stdin is stored at the issuer in clear text, because it has to be sent.`,
  flags: FLAGS,
  examples: [
    'hewn streams create https://receiver.example --poll > token.txt',
    `pass show receiver/header | hewn streams create https://receiver.example \\
  --push https://receiver.example/events --authorization-stdin > token.txt`,
    'hewn streams create https://receiver.example --poll --receiver-sha256 "$digest"',
  ],
  run: async ({ flags, operands }, context) => {
    const [aud, ...more] = operands;
    if (aud === undefined || more.length > 0) return refuse('name one AUDIENCE. See --help');
    const given = flags['receiver-sha256'];
    if (given !== undefined && !isCredentialDigest(given)) {
      return refuse('--receiver-sha256 must be the SHA-256 of a token: 64 lower-case hex digits');
    }
    if (given === undefined && context.outIsTerminal) {
      return refuse(
        'a terminal keeps what it shows: write the token of the receiver to a pipe or a file, or pass --receiver-sha256',
      );
    }
    const delivery = await readDelivery(flags, context);
    if (!delivery.ok) return delivery;
    const token = given === undefined ? randomBytes(32).toString('base64url') : undefined;
    const digest = given ?? createHash('sha256').update(String(token)).digest('hex');
    const body = { aud, receiver_sha256: digest, delivery: delivery.value };
    const created = await callStreams(context, flags, createStream, { body });
    if (!created.ok) return created;
    if (flags.json) {
      context.out(showJson({ ...created.value, ...(token && { receiver_token: token }) }));
      return YES;
    }
    const lines = linesOf(context, created.value).join('\n');
    if (token === undefined) context.out(lines);
    else {
      context.err(lines);
      context.out(token);
    }
    return YES;
  },
});

type Delivery =
  | { readonly method: typeof POLL }
  | {
      readonly method: typeof PUSH;
      readonly endpoint_url: string;
      readonly authorization_header?: string;
    };

async function readDelivery(
  flags: {
    readonly push: string | undefined;
    readonly poll: boolean;
    readonly 'authorization-stdin': boolean;
  },
  context: CommandContext,
): Promise<Result<Delivery, string>> {
  const { push, poll, 'authorization-stdin': isAuthorized } = flags;
  if ((push === undefined) === !poll) return refuse('pass either --push URL or --poll');
  if (push === undefined) {
    return isAuthorized ? refuse('--authorization-stdin goes with --push') : ok({ method: POLL });
  }
  const pushed = { method: PUSH, endpoint_url: push } as const;
  if (!isAuthorized) return ok(pushed);
  const header = (await context.stdin()).trim();
  return header === ''
    ? refuse('standard input has no Authorization header, such as: Bearer …')
    : ok({ ...pushed, authorization_header: header });
}

const linesOf = (
  context: CommandContext,
  { stream_id: id, iss, aud, delivery }: RouteAnswer<typeof createStream>,
): readonly string[] => [
  `${id}  created`,
  ...renderFacts(context, [
    { name: 'receiver', value: aud },
    { name: delivery.method === PUSH ? 'push to' : 'poll at', value: delivery.endpoint_url },
    { name: 'discovery', value: `${iss}/.well-known/ssf-configuration` },
    { name: 'next', value: `hewn streams verify ${id}` },
  ]),
];
