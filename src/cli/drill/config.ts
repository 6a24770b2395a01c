import * as v from 'valibot';
import { ACTIONS, argumentConstraintsSchema } from '../../capability/index.ts';
import { GRANTS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';

const DRILL_VERIFIERS_MAX = 64; // Each is called several times a second.

const text = v.pipe(v.string(), v.minLength(1));

/** Where a secret comes from. The configuration never contains it. */
const secret = v.union([
  v.strictObject({ env: text }),
  v.strictObject({ file: text }),
  v.strictObject({ command: v.pipe(v.array(text), v.minLength(1)) }),
]);
export type SecretSource = v.InferOutput<typeof secret>;

const grant = v.strictObject({
  tool: text,
  action: v.picklist(ACTIONS),
  dataset: text,
  constraints: v.exactOptional(argumentConstraintsSchema),
});

const request = {
  audience: text,
  task: text,
  grants: v.pipe(v.array(grant), v.minLength(1), v.maxLength(GRANTS_MAX)),
  /** Binds the capability to a key that exists only during the drill (RFC 9449). */
  dpop: v.optional(v.literal(true)),
};

const capability = v.union([
  v.strictObject({ ...request, subjectToken: secret, actorToken: secret }),
  v.strictObject({ ...request, clientAssertion: secret }),
  v.strictObject({ token: secret, workflow: text, expires: v.pipe(v.string(), v.isoTimestamp()) }),
]);
export type CapabilitySource = v.InferOutput<typeof capability>;

/** Sent with every call, in addition to the token. */
const headers = v.optional(v.record(v.string(), v.string()), {});

const common = {
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.: -]{1,64}$/)),
  tier: v.picklist([0, 1, 2, 3]),
  headers,
};

/** A verifier, and a call that it allows until something is revoked. It is made many times. */
const verifier = v.union([
  v.strictObject({
    ...common,
    url: v.pipe(v.string(), v.url()),
    body: v.optional(v.unknown()),
    method: v.optional(v.picklist(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']), 'GET'),
  }),
  v.strictObject({
    ...common,
    mcp: v.pipe(v.string(), v.url()),
    tool: text,
    arguments: v.optional(v.record(v.string(), v.unknown()), {}),
  }),
]);
export type DrilledVerifier = v.InferOutput<typeof verifier>;

const config = v.strictObject({
  capability,
  verifiers: v.pipe(
    v.array(verifier),
    v.minLength(1),
    v.maxLength(DRILL_VERIFIERS_MAX),
    v.check((list) => new Set(list.map(({ name }) => name)).size === list.length),
  ),
});
export type DrillConfig = v.InferOutput<typeof config>;

/** Reads the file of a drill. An error names the member and nothing of its value. */
export function readDrill(text: string): Result<DrillConfig, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('not JSON');
  }
  const read = v.safeParse(config, value);
  if (read.success) return ok(read.output);
  const [issue] = read.issues;
  return refuse(`"${v.getDotPath(issue) ?? 'the file'}" is missing or malformed. See --help`);
}
