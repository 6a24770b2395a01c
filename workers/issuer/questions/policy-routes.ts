import type { JsonObject } from '../../../src/canonical-json.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { ADMIN_API, type Refusal } from '../../../src/issuer-api/index.ts';
import { checkVersion, type PolicyRule, type VersionFault } from '../../../src/policy/index.ts';
import {
  type DraftChange,
  type Hits,
  HOURS_COUNTED,
  hourOf,
  ruleHits,
  type Side,
  showGrant,
  showTerms,
  showWhole,
  tryDraft,
} from '../../../src/questions/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { diffVersions, readVersion, type Version, versionId } from '../../../src/version/index.ts';
import { asOf } from '../feed/as-of.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { type IssuerEnv, versions } from '../platform/env.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { commentAbove } from './comment-above.ts';
import { describeSpan, timeOf } from './lists.ts';
import { namesOf } from './names.ts';
import { placeOf } from './place.ts';
import { readSeen } from './seen.ts';

/** More would be a listing of the requests. */
const CHANGES_SHOWN_MAX = 200;

export const createPolicyRoutes = (deployed: DeployedPolicy) =>
  bindAdmin(ADMIN_API.policy, {
    showActiveRules: async (_input, { env }) => {
      const [version, from] = await Promise.all([deployed.load(env), readSeen(env)]);
      const now = readClock();
      const { rules, refusals, isComplete } = version
        ? ruleHits(version.policy, from.seen, namesOf(env))
        : { rules: [], refusals: [], isComplete: true };
      return ok({
        as_of: await asOf(env),
        version: version?.id ?? null,
        rules: rules.map(({ rule, hits }) => ({
          ...describeRule(rule, version?.texts),
          ...describeHits(hits, now),
        })),
        refusals: refusals.map(({ code, hits }) => ({ code, ...describeHits(hits, now) })),
        over: describeSpan({ ...from, isComplete: from.isComplete && isComplete }),
      });
    },

    tryDraft: async ({ body }, { env }) => {
      const [version, from] = await Promise.all([deployed.load(env), readSeen(env)]);
      const draft = await draftOf(env, body, version?.texts);
      if (!draft.ok) return draft;
      const checked = checkVersion(draft.value);
      if (!checked.ok) return refuse(invalid(checked.error));
      const { policy, warnings } = checked.value;
      const names = namesOf(env);
      const effect = version && tryDraft(version.policy, policy, from.seen.requests(), names);
      return ok({
        as_of: await asOf(env),
        active: version?.id ?? null,
        draft: await versionId(draft.value),
        diff: diffVersions(version?.texts, draft.value),
        warnings: warnings.map(({ file, line, found }) => ({
          file,
          ...(line !== undefined && { line }),
          found,
        })),
        requests: effect?.requests ?? 0,
        unchanged: effect?.unchanged ?? 0,
        unreproducible: effect?.unreproducible ?? 0,
        changed: (effect?.changed ?? []).slice(0, CHANGES_SHOWN_MAX).map(describeChange),
        over: describeSpan({
          ...from,
          isComplete: from.isComplete && effect?.isComplete !== false,
        }),
      });
    },
  });

type DraftRefusal = Refusal<'version_unknown' | 'version_invalid' | 'invalid_request'>;

interface Draft {
  readonly version?: string | undefined;
  readonly policy?: JsonObject | undefined;
  readonly catalogue?: string | undefined;
}

/** Returns the draft of a request: a stored version, or texts. */
async function draftOf(
  env: IssuerEnv,
  body: Draft,
  active: Version | undefined,
): Promise<Result<Version, DraftRefusal>> {
  const { version: id, policy, catalogue = active?.catalogue } = body;
  if ((id === undefined) === (policy === undefined)) {
    const message = 'Send either "version" or "policy".';
    return refuse({ code: 'invalid_request', message });
  }
  if (id !== undefined) {
    const stored = await versions(env).show(id);
    return stored
      ? ok({ policy: stored.policy, catalogue: stored.catalogue })
      : refuse({ code: 'version_unknown' });
  }
  const read = readVersion({ policy, catalogue: catalogue ?? '' });
  return read.ok ? read : refuse(invalid([{ file: 'the draft', found: read.error }]));
}

const invalid = (faults: readonly VersionFault[]) =>
  ({ code: 'version_invalid', detail: { faults: faults.map((one) => ({ ...one })) } }) as const;

function describeRule({ kind, rule, at }: PolicyRule, texts: Version | undefined) {
  const { [at.file]: text } = texts?.policy ?? {};
  const words = text === undefined ? undefined : commentAbove(text, at.line);
  return { kind, rule: { ...at, text: rule }, ...(words !== undefined && { words }) };
}

function describeHits(hits: Hits | undefined, now: UnixMilliseconds) {
  const newest = hourOf(now);
  const hours = Array.from(
    { length: HOURS_COUNTED },
    (_, place) => hits?.hours.get(newest - HOURS_COUNTED + 1 + place) ?? 0,
  );
  return {
    hours,
    total: hits?.total ?? 0,
    ...(hits && { last: timeOf(hits.last) }),
    ...(hits?.workflow !== undefined && { workflow: hits.workflow }),
  };
}

function describeChange({ was, now, opens, count, example }: DraftChange) {
  const { agent, user, task, audience, at, workflow } = example;
  const { tool, action, dataset } = was.outcome.grant;
  const terms = { was: termsOf(was), now: termsOf(now) };
  const areBothGiven = sideOf(was) === sideOf(now) && was.outcome.verdict === 'granted';
  const [ruleWas, ruleNow] = [placeOf(was.outcome), placeOf(now.outcome)];
  return {
    was: sideOf(was),
    now: sideOf(now),
    opens,
    words: `${showGrant(was.outcome.grant)}: ${inWords(was, now)}`,
    count,
    grant: { tool, action, dataset },
    ...(areBothGiven && { terms }),
    rules: { ...(ruleWas && { was: ruleWas }), ...(ruleNow && { now: ruleNow }) },
    example: {
      ...(workflow !== undefined && { workflow }),
      agent,
      ...(user !== undefined && { subject: user }),
      task,
      audience,
      at: timeOf(at),
    },
  };
}

/** `approval` for a grant that a person must approve first. */
const sideOf = ({ outcome: { verdict, approvalRequired } }: Side): string =>
  verdict === 'granted' && approvalRequired ? 'approval' : verdict;

const termsOf = ({ outcome, whole }: Side): string =>
  `${showWhole(whole)}${showTerms(outcome)}${whole.holderRequired ? '  bound to a key' : ''}`;

function inWords(was: Side, now: Side): string {
  const [before, after] = [sideOf(was), sideOf(now)];
  if (before === after) {
    return after === 'granted' || after === 'approval'
      ? 'stays granted, on other terms'
      : `stays refused (${after}), by another rule`;
  }
  if (after === 'granted') return before === 'approval' ? 'needs no approval' : 'becomes granted';
  if (after === 'approval') return 'needs the approval of a person';
  return before === 'granted' || before === 'approval'
    ? `becomes refused (${after})`
    : `is refused for another reason (${after} in place of ${before})`;
}
