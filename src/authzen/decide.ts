import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import type { Result } from '../result.ts';
import {
  type CallRefusal,
  type Credentials,
  type Denial,
  type Evidence,
  type OpenedToken,
  type Protection,
  toWire,
} from '../verifier/index.ts';
import type { AuthzenEntity, Question } from './entities.ts';
import { type MappedCall, type MappingRefusal, mapQuestion, own } from './map-question.ts';
import type { AuthzenMapping, AuthzenSubject } from './mapping.ts';

/** The answer to a question: AuthZEN 1.0, section 5.5. A denial says why in its context. */
export interface AuthzenDecision {
  readonly decision: boolean;
  readonly context?: JsonObject;
}

/** What decides questions. */
export interface Decider {
  readonly mapping: AuthzenMapping;
  readonly protection: Protection;
  /** Returns the capability of a subject, if the question does not have it. */
  readonly capabilityOf: (subject: AuthzenEntity) => Promise<string | undefined>;
}

/**
 * Why the answer is no, beside the denials of a verifier: the subject is not the one that the
 * capability was minted for.
 */
type Refusal = MappingRefusal | { readonly code: 'subject_mismatch'; readonly message: string };

/**
 * Decides a question that is about to be acted on: it is recorded and counts towards budgets like
 * the call that it is about. Rejects only if a function of the server's own does.
 */
export async function decideQuestion(
  decider: Decider,
  question: Question,
): Promise<AuthzenDecision> {
  const asked = await prepare(decider, question);
  if (!asked.ok) return refused(asked.error);
  const { credentials, call } = asked.value;
  const { protection } = decider;
  const decided = await protection.decide({ credentials, call, method: 'authzen' });
  if (!decided.allowed) return denied(decided.denial);
  decided.close({ status: 200 });
  return { decision: true };
}

/** Decides a question of a search: nothing is recorded or counted. */
export async function wouldAllow(decider: Decider, question: Question): Promise<boolean> {
  const asked = await prepare(decider, question);
  if (!asked.ok) return false;
  const { credentials, opened, call } = asked.value;
  const { proof } = credentials;
  const decision = await opened.verify({ ...call, ...(proof && { proof }) });
  return decision.allowed;
}

interface Prepared {
  readonly credentials: Credentials;
  readonly opened: OpenedToken;
  readonly call: MappedCall;
}

async function prepare(
  { mapping, protection, capabilityOf }: Decider,
  question: Question,
): Promise<Result<Prepared, Refusal>> {
  const { subject } = question;
  const known = own(mapping.subjects, subject.type);
  if (!known) return refuse('subject_unknown', 'No subject of this type is known.');
  const call = mapQuestion(mapping, question);
  if (!call.ok) return call;
  const credentials = await credentialsOf(subject, capabilityOf);
  const opened = await protection.verifier.open(credentials.token);
  const { denial, evidence } = opened;
  // An invalid token has no subject. It is denied and recorded for what is wrong with it.
  if (!denial && !isSame(known, subject, evidence)) {
    return refuse('subject_mismatch', 'The capability is of another subject.');
  }
  return { ok: true, value: { credentials, opened, call: call.value } };
}

const refuse = (code: Refusal['code'], message: string): Result<never, Refusal> => ({
  ok: false,
  error: { code, message },
});

const isSame = (
  { is, prefix = '' }: AuthzenSubject,
  { id }: AuthzenEntity,
  evidence: Evidence,
): boolean => evidence[is] === `${prefix}${id}`;

/**
 * Returns the credentials that the question has in the subject's properties, or that the server
 * holds. Malformed ones are denied as malformed, and never treated as missing.
 */
async function credentialsOf(
  subject: AuthzenEntity,
  capabilityOf: Decider['capabilityOf'],
): Promise<Credentials> {
  const { capability, proof } = subject.properties ?? {};
  const given = typeof capability === 'string' ? capability : MALFORMED;
  const token = capability === undefined ? ((await capabilityOf(subject)) ?? '') : given;
  if (proof === undefined) return { token };
  const { dpop, method, url } = isJsonObject(proof) ? proof : {};
  const isWhole = [dpop, method, url].every((one) => typeof one === 'string');
  const isProof = isWhole && URL.canParse(url as string);
  const [text, sent, at] = isProof ? ([dpop, method, url] as string[]) : [];
  return {
    token,
    proof: { scheme: 'DPoP', text: text ?? '', method: sent ?? '', url: at ?? NOWHERE },
  };
}

const MALFORMED = ' '; // No token.
const NOWHERE = 'https://invalid/';

function denied(denial: Denial | CallRefusal): AuthzenDecision {
  const wire = 'message' in denial ? denial : toWire(denial);
  const { code, status, message } = wire;
  const about = 'about' in wire && wire.about ? { ...wire.about } : {};
  return answerOf(status, code, message, about);
}

const refused = ({ code, message }: Refusal): AuthzenDecision =>
  answerOf(code === 'question_incomplete' ? 400 : 403, code, message, {});

/** Reasons as in the specification's example: by the HTTP status that a server would answer. */
function answerOf(
  status: number,
  code: string,
  message: string,
  about: JsonObject,
): AuthzenDecision {
  const key = String(status);
  return {
    decision: false,
    context: {
      reason_admin: { [key]: `${code}: ${message}` },
      reason_user: { [key]: message },
      'hewn.dev/denial': { code, ...about },
    },
  };
}

/** The answer to a question of a batch that is not one. */
export const failed = (message: string): AuthzenDecision => ({
  decision: false,
  context: { error: { status: 400, message } },
});
