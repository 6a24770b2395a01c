import * as v from 'valibot';
import { readBounded } from '../body.ts';
import { isJsonObject } from '../canonical-json.ts';
import {
  argumentConstraintsSchema,
  checkGrants,
  type Grant,
  isAction,
  readScope,
} from '../capability/index.ts';
import { DENIAL_META } from '../denial-meta.ts';

const CHALLENGE_BYTES_MAX = 64 * 1024; // Twice 16 grants with the longest names.
const CAUSES_MAX = 4; // Clients wrap the error of a transport once or twice.

const details = v.pipe(
  v.array(
    v.object({
      type: v.literal('hewn_task'),
      grants: v.array(
        v.strictObject({
          tool: v.string(),
          action: v.custom<Grant['action']>(isAction),
          dataset: v.string(),
          constraints: v.exactOptional(argumentConstraintsSchema),
        }),
      ),
    }),
  ),
  v.length(1),
);

/**
 * Returns the grants that a denied call needs, from the body of the answer: a JSON-RPC message of
 * an MCP server, or the 403 of an API. Undefined if the body is not a challenge.
 */
export function neededGrants(body: string): readonly Grant[] | undefined {
  const message = parse(body);
  return message === undefined ? undefined : grantsIn(message);
}

/**
 * Returns the grants that a denied call needs, from whatever an MCP client or `fetch` gave: the
 * result of a tool, an error that the client threw, a JSON-RPC message, a `Response`, or the text
 * of its body. Undefined if none of it is a challenge. Never throws.
 *
 * A server can write a challenge of its own, and a model can be made to cause one. The gateway
 * removes those of the MCP servers behind it, and marks the answers of APIs, so pass the `Response`
 * and not its text. Decide in your code what is worth asking for; the policy
 * decides what is granted.
 *
 * @example
 * ```ts
 * import { neededGrantsOf, stepUp } from 'hewn/agent';
 *
 * const result = { isError: true, content: [], _meta: {} }; // What `client.callTool` returned.
 * const needed = await neededGrantsOf(result);
 * if (needed) console.log(needed.map(({ tool, dataset }) => `${tool} on ${dataset}`));
 * ```
 */
export async function neededGrantsOf(denied: unknown): Promise<readonly Grant[] | undefined> {
  try {
    if (typeof denied === 'string') return neededGrants(denied);
    if (isResponse(denied)) return await grantsOfResponse(denied);
    return grantsIn(denied);
  } catch {
    return undefined; // A getter or a proxy, which no client makes.
  }
}

/**
 * Returns whether a denied response offers the approval of exactly its call. A server could write
 * that, too; the person who is asked sees the call as the issuer reads it.
 */
export async function offersApproval(response: Response): Promise<boolean> {
  if (isOfServer(response) || response.bodyUsed) return false;
  const body = await readBounded(response.clone(), CHALLENGE_BYTES_MAX);
  const found = body.ok ? memberIn(parse(body.value), 'approval') : undefined;
  return isJsonObject(found) && typeof found.endpoint === 'string';
}

/** A `fetch` of a package, such as undici, has a class of its own. */
const isResponse = (value: unknown): value is Response =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Response>).clone === 'function' &&
  typeof (value as Partial<Response>).headers?.get === 'function';

/** The body says more than the header: a scope cannot express constraints. */
async function grantsOfResponse(response: Response): Promise<readonly Grant[] | undefined> {
  if (isOfServer(response)) return undefined;
  if (!response.bodyUsed) {
    const body = await readBounded(response.clone(), CHALLENGE_BYTES_MAX);
    const found = body.ok ? neededGrants(body.value) : undefined;
    if (found) return found;
  }
  const challenge = response.headers.get('www-authenticate') ?? '';
  if (!challenge.includes('error="insufficient_scope"')) return undefined;
  const [, scope] = /[ ,]scope="([^"]*)"/.exec(challenge) ?? [];
  const grants = scope === undefined ? undefined : readScope(scope);
  return grants?.ok ? grants.value : undefined;
}

/** Whether a gateway says that it passed the answer on from an API, which may write anything. */
const isOfServer = ({ headers }: Response): boolean =>
  /^hewn; received-status=/.test(headers.get('proxy-status') ?? '');

/** Looks where each form of a denial has its details. */
function grantsIn(denied: unknown): readonly Grant[] | undefined {
  let given = denied;
  for (let depth = 0; depth < CAUSES_MAX; depth += 1) {
    if (typeof given !== 'object' || given === null) return undefined;
    const { data, cause } = given as Members;
    const found = memberIn(given, DETAILS);
    if (found !== undefined) return read(found);
    // The MCP SDK gives the body of a failed request as `error.data.text`.
    const text = member(data, 'text');
    if (typeof text === 'string') return neededGrants(text);
    given = cause;
  }
  return undefined;
}

/** Returns a member of the machine form of a denial, wherever that is. */
function memberIn(denied: unknown, name: string): unknown {
  const { _meta, data, result, error } = Object(denied) as Members;
  return [
    member(denied, name),
    member(member(_meta, DENIAL_META), name),
    member(data, name),
    member(member(member(result, '_meta'), DENIAL_META), name),
    member(member(error, 'data'), name),
  ].find((one) => one !== undefined);
}

type Members = Readonly<Record<string, unknown>>;

const DETAILS = 'authorization_details';

const member = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** As text first: an object of a client may be anything, and text of this size is cheap. */
function read(given: unknown): readonly Grant[] | undefined {
  const parsed = v.safeParse(details, parse(JSON.stringify(given) ?? ''));
  const grants = parsed.success ? parsed.output[0]?.grants : undefined;
  return grants && checkGrants(grants).ok ? grants : undefined;
}

function parse(text: string): unknown {
  if (text.length > CHALLENGE_BYTES_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
