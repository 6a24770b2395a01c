import type { Grant } from '../capability/index.ts';
import type { Policy, PolicyFile, PolicyInput } from '../policy/index.ts';

/** A denied call, as its decision record has it, or as `hewn token why` tries it. */
export interface DeniedCall {
  readonly code: string;
  /** The data of the denial. */
  readonly detail?: Readonly<Record<string, string | number>> | undefined;
  /** Absent if no token was verified. */
  readonly workflow?: string | undefined;
  readonly agent?: string | undefined;
  readonly tool?: string | undefined;
  readonly action?: string | undefined;
  readonly datasets?: readonly string[] | undefined;
  /** How old the head of the feed was, in seconds. */
  readonly headAgeSeconds?: number | undefined;
}

/** The version of policy and catalogue that decided, ready for use. */
export interface ExplainedVersion {
  /** Absent if the texts are files of a person, who may have changed them since. */
  readonly id?: string;
  readonly files: readonly PolicyFile[];
  readonly policy: Policy;
  /** The text of the catalogue. */
  readonly catalogue: string;
}

/** What is known beside the call. Whatever is missing leaves a part of the explanation out. */
export interface Known {
  /** What the workflow was granted. */
  readonly grants?: readonly Grant[];
  readonly version?: ExplainedVersion;
  /** Who asked for the capability, as the policy saw it at the mint. */
  readonly input?: PolicyInput;
}

export interface ExplainedCheck {
  readonly step: string;
  readonly passed: boolean;
  readonly words: string;
}

/** A place in the policy or in the catalogue. */
export interface ExplainedRule {
  readonly version?: string;
  readonly file?: string;
  readonly line?: number;
  readonly text: string;
  readonly words: string;
}

export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** A change of a policy file. The lines with `+` belong before `line`. */
export interface ExplainedChange {
  readonly file: string;
  readonly line: number;
  readonly diff: readonly DiffLine[];
  /** Whether the policy grants the call with this change: it was evaluated. */
  readonly allows: boolean;
  /** Absent if the change is complete. */
  readonly blank?: ExplainedBlank;
}

/** What a person has to fill in: a record has the digest of the arguments and no value. */
export interface ExplainedBlank {
  /** What the value replaces in the lines with `+`, as JSON. */
  readonly text: string;
  /** What it takes. `origin`: a text or a number, as an origin of `from`. */
  readonly form: 'text' | 'number' | 'scalar' | 'origin';
  /** The argument that the value is of, as RFC 6901 writes it. */
  readonly pointer: string;
}

/** Why a call was denied. */
export interface Explanation {
  readonly code: string;
  /** One sentence: what was wrong. */
  readonly summary: string;
  /** What was checked, in order. The last one failed. */
  readonly checks: readonly ExplainedCheck[];
  readonly rule?: ExplainedRule;
  /** What would have been allowed. */
  readonly allowed_instead: string;
  /** Absent where no change of the policy should exist, or none was found. */
  readonly change?: ExplainedChange;
  /** The price of the change, or what the denial may mean. */
  readonly warning?: string;
}
