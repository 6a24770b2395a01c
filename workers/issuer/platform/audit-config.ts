import * as v from 'valibot';

export interface AuditConfig {
  /** Signs checkpoints. Absent: records are appended, and nothing is signed. */
  readonly logKey: string | undefined;
  /** SHA-256 of the credential of an auditor, who may only read. */
  readonly auditorSha256: Uint8Array<ArrayBuffer> | undefined;
  /** Who cosigns checkpoints: a policy in the form of C2SP tlog-policy. */
  readonly witnesses: string | undefined;
  /**
   * Which generation of origins the logs have. Absent: the first, which the issuer's URL alone
   * names.
   */
  readonly generation: number | undefined;
  /** After how many months the records of a kind of log are deleted. Absent: never. */
  readonly retention: Retention;
}

export type Retention = Readonly<Partial<Record<'control' | 'decisions' | 'old', number>>>;

export const readGeneration = (text: string): number | undefined =>
  /^[1-9]\d{0,11}$/.test(text) ? Number(text) : undefined;

const months = v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)));
const retentionSchema = v.strictObject({ control: months, decisions: months, old: months });

/** Returns undefined for anything that is not a retention. */
export function readRetention(value: unknown): Retention | undefined {
  const parsed = v.safeParse(retentionSchema, value);
  return parsed.success ? parsed.output : undefined;
}
