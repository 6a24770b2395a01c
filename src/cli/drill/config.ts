import * as v from 'valibot';
import { ACTIONS, argumentConstraintsSchema } from '../../capability/index.ts';
import { GRANTS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';

const DRILL_VERIFIERS_MAX = 64; // Each is called some times a second.

const words = v.pipe(v.string(), v.minLength(1));

/** Where a secret comes from; it stands in no configuration. */
const secret = v.union([
  v.strictObject({ env: words }),
  v.strictObject({ file: words }),
  v.strictObject({ command: v.pipe(v.array(words), v.minLength(1)) }),
]);
export type SecretSource = v.InferOutput<typeof secret>;

const grant = v.strictObject({
  tool: words,
  action: v.picklist(ACTIONS),
  dataset: words,
  constraints: v.exactOptional(argumentConstraintsSchema),
});

const asked = {
  audience: words,
  task: words,
  grants: v.pipe(v.array(grant), v.minLength(1), v.maxLength(GRANTS_MAX)),
  /** Binds the capability to a key that lives as long as the drill (RFC 9449). */
  dpop: v.optional(v.literal(true)),
};

const capability = v.union([
  v.strictObject({ ...asked, subjectToken: secret, actorToken: secret }),
  v.strictObject({ ...asked, clientAssertion: secret }),
  v.strictObject({ token: secret, workflow: words, expires: v.pipe(v.string(), v.isoTimestamp()) }),
]);
export type CapabilitySource = v.InferOutput<typeof capability>;

/** Sent with every call of a drill; the token is added. */
const headers = v.optional(v.record(v.string(), v.string()), {});

const about = {
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.: -]{1,64}$/)),
  tier: v.picklist([0, 1, 2, 3]),
  headers,
};

/** A verifier, and a call that it allows as long as nothing is revoked. It is made many times. */
const verifier = v.union([
  v.strictObject({
    ...about,
    url: v.pipe(v.string(), v.url()),
    body: v.optional(v.unknown()),
    method: v.optional(v.picklist(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']), 'GET'),
  }),
  v.strictObject({
    ...about,
    mcp: v.pipe(v.string(), v.url()),
    tool: words,
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

/** Reads a drill's file; what is wrong is named by its place, not by its content. */
export function readDrill(text: string): Result<DrillConfig, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('it is not JSON');
  }
  const read = v.safeParse(config, value);
  if (read.success) return ok(read.output);
  const [issue] = read.issues;
  return refuse(`"${v.getDotPath(issue) ?? 'the whole'}" is missing or not as --help has it`);
}
