import { type Datalog, toParameters, withBiscuit } from '../biscuit-wasm/index.ts';
import {
  EVALUATION_FACTS_MAX,
  EVALUATION_ITERATIONS_MAX,
  EVALUATION_MICROSECONDS_MAX,
  TOKEN_BLOCKS_MAX,
  TOKEN_TEXT_BYTES_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import {
  AUTHORITY_PREDICATES,
  type Authority,
  type AuthorityError,
  type AuthorityRows,
  readAuthority,
} from './authority.ts';
import { type Narrowing, type NarrowingError, writeCaveats } from './caveats.ts';

/** One of the issuer's root keys: the id that tokens carry as a hint, and the raw public half in hex. */
export interface IssuerKey {
  readonly id: number;
  readonly publicKey: string;
}

export type TokenError =
  | { readonly code: 'token_too_large' }
  | { readonly code: 'token_malformed' }
  | { readonly code: 'signature_invalid' }
  | { readonly code: 'token_over_limit'; readonly limit: string }
  | { readonly code: 'token_execution'; readonly error: string };

/** A check of the token that did not hold. */
export interface FailedCheck {
  /** 0 is the authority block. */
  readonly block: number;
  readonly check: number;
  readonly source: string;
  /** The kinds of fact that it reads, in the order of its text. */
  readonly facts: readonly string[];
}

/**
 * A token whose chain of signatures was verified under an issuer key and whose authority was read.
 * It says nothing of revocation, and nothing was allowed yet.
 */
export class VerifiedToken {
  readonly authority: Authority;
  /** Lower-case hex, authority block first. What a token is logged and revoked by. */
  readonly revocationIds: readonly string[];
  readonly #text: string;
  readonly #key: string;

  constructor(opened: OpenedToken, text: string, key: string) {
    this.authority = opened.authority;
    this.revocationIds = opened.revocationIds;
    this.#text = text;
    this.#key = key;
  }

  /** Evaluates every check of every block over `facts`; an empty list means that all of them hold. */
  failedChecks(facts: Datalog): Result<readonly FailedCheck[], TokenError> {
    return evaluate(this.#text, this.#key, facts);
  }
}

interface OpenedToken {
  readonly authority: Authority;
  readonly revocationIds: readonly string[];
}

/** Checks size, then shape, then signatures, then reads the authority; in that order. */
export async function openToken(
  text: string,
  keys: readonly IssuerKey[],
): Promise<Result<VerifiedToken, TokenError | AuthorityError>> {
  if (text.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return refuse({ code: 'token_malformed' });
  let refusal: TokenError = { code: 'signature_invalid' };
  for (const key of keys) {
    const opened = open(text, key.publicKey);
    if (opened.ok) {
      const authority = readAuthority(opened.value.rows);
      if (!authority.ok) return authority;
      const { revocationIds } = opened.value;
      return ok(
        new VerifiedToken({ authority: authority.value, revocationIds }, text, key.publicKey),
      );
    }
    refusal = opened.error;
    if (refusal.code !== 'signature_invalid') break;
  }
  return refuse(refusal);
}

/** Adds one block of caveats, offline. The result can do at most what `token` could. */
export async function narrow(
  token: string,
  narrowing: Narrowing,
  key: IssuerKey,
): Promise<Result<string, NarrowingError | TokenError>> {
  if (token.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  const caveats = await writeCaveats(narrowing);
  if (!caveats.ok) return caveats;
  const narrowed = guarded(() =>
    withBiscuit((reference) => {
      const block = reference.Biscuit.block_builder();
      block.addCodeWithParameters(caveats.value.source, toParameters(caveats.value), {});
      const wide = reference.Biscuit.fromBase64(token, publicKey(reference, key.publicKey));
      const appended = wide.appendBlock(block);
      return { blocks: appended.countBlocks(), text: appended.toBase64().replace(/=+$/, '') };
    }),
  );
  if (!narrowed.ok) return narrowed;
  // Refused here and not only at the verifier, where the step would fail for the same reason.
  const { blocks, text } = narrowed.value;
  if (blocks > TOKEN_BLOCKS_MAX) return refuse({ code: 'token_over_limit', limit: 'blocks' });
  return text.length > TOKEN_TEXT_BYTES_MAX ? refuse({ code: 'token_too_large' }) : ok(text);
}

type Reference = Parameters<Parameters<typeof withBiscuit>[0]>[0];

const publicKey = (reference: Reference, hex: string) =>
  reference.PublicKey.fromString(hex, reference.SignatureAlgorithm.Ed25519);

const LIMITS = {
  max_facts: EVALUATION_FACTS_MAX,
  max_iterations: EVALUATION_ITERATIONS_MAX,
  max_time_micro: EVALUATION_MICROSECONDS_MAX,
};

function open(
  text: string,
  key: string,
): Result<{ rows: AuthorityRows; revocationIds: readonly string[] }, TokenError> {
  return flatten(
    guarded(() =>
      withBiscuit(
        (reference): Result<{ rows: AuthorityRows; revocationIds: string[] }, TokenError> => {
          const token = reference.Biscuit.fromBase64(text, publicKey(reference, key));
          if (token.countBlocks() > TOKEN_BLOCKS_MAX) {
            return refuse({ code: 'token_over_limit', limit: 'blocks' });
          }
          // No rule of ours runs here and queries see authority facts alone: a holder's cannot widen.
          const authorizer = new reference.AuthorizerBuilder().buildAuthenticated(token);
          const rows: Record<string, unknown[][]> = {};
          for (const [predicate, count] of Object.entries(AUTHORITY_PREDICATES)) {
            const terms = Array.from({ length: count }, (_, i) => `$t${i}`).join(', ');
            const rule = reference.Rule.fromString(`row(${terms}) <- ${predicate}(${terms})`);
            rows[predicate] = authorizer.queryWithLimits(rule, LIMITS).map((fact) => fact.terms());
          }
          return ok({ rows, revocationIds: token.getRevocationIdentifiers() as string[] });
        },
      ),
    ),
  );
}

function evaluate(
  text: string,
  key: string,
  facts: Datalog,
): Result<readonly FailedCheck[], TokenError> {
  const done = guarded(() =>
    withBiscuit((reference) => {
      const token = reference.Biscuit.fromBase64(text, publicKey(reference, key));
      const builder = new reference.AuthorizerBuilder();
      builder.addCodeWithParameters(`${facts.source}allow if true;`, toParameters(facts), {});
      try {
        builder.buildAuthenticated(token).authorizeWithLimits(LIMITS);
        return [];
      } catch (thrown) {
        const failed = (thrown as LogicError).FailedLogic?.Unauthorized?.checks;
        if (!failed) throw thrown;
        return failed.map(readFailedCheck);
      }
    }),
  );
  return done;
}

interface LogicError {
  readonly FailedLogic?: {
    readonly Unauthorized?: {
      readonly checks: readonly {
        readonly Block?: { block_id: number; check_id: number; rule: string };
      }[];
    };
  };
}

function readFailedCheck(failed: {
  readonly Block?: { block_id: number; check_id: number; rule: string };
}): FailedCheck {
  const { block_id: block = 0, check_id: check = 0, rule: source = '' } = failed.Block ?? {};
  const bare = source.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const facts = [...bare.matchAll(/(?<![\w.:])([a-z_]\w*)\(/g)].map((match) => match[1] ?? '');
  return { block, check, source, facts: [...new Set(facts)] };
}

/** Turns what the reference throws, which are plain objects, into reasons; bugs stay exceptions. */
function guarded<T>(use: () => T): Result<T, TokenError> {
  try {
    return ok(use());
  } catch (thrown) {
    if (thrown instanceof WebAssembly.RuntimeError) return refuse({ code: 'token_malformed' });
    if (thrown === 'AlreadySealed') return refuse({ code: 'token_malformed' });
    if (typeof thrown !== 'object' || thrown === null || thrown instanceof Error) throw thrown;
    const [variant, detail] = Object.entries(thrown)[0] ?? [];
    if (variant === 'RunLimit') return refuse({ code: 'token_over_limit', limit: String(detail) });
    if (variant === 'Execution') {
      return refuse({ code: 'token_execution', error: JSON.stringify(detail) });
    }
    const signature = variant === 'Format' && JSON.stringify(detail).includes('"Signature"');
    return refuse({ code: signature ? 'signature_invalid' : 'token_malformed' });
  }
}

const flatten = <T, E>(nested: Result<Result<T, E>, E>): Result<T, E> =>
  nested.ok ? nested.value : nested;
