import * as v from 'valibot';
import { entryName, exactText, exactTexts } from '../schema.ts';

/**
 * A ready-made entry: the few things that differ between deployments in, a whole OIDC entry out.
 * What comes out is read by the same schema as one that was written by hand.
 */
export interface Template {
  readonly options: v.GenericSchema;
  /** `options` as the schema gave them. */
  entry(options: never): Readonly<Record<string, unknown>>;
}

export const template = <Schema extends v.GenericSchema>(
  options: Schema,
  entry: (options: v.InferOutput<Schema>) => Readonly<Record<string, unknown>>,
): Template => ({ options, entry });

/** What every template takes. */
export const common = {
  kind: v.string(),
  name: entryName,
  audience: exactText,
  claims: v.exactOptional(v.array(exactText)),
};

/** A shared issuer signs for everybody who has an account: its subjects are always listed. */
export const subjectsLike = (pattern: RegExp, why: string) =>
  v.pipe(
    exactTexts,
    v.check((subjects) => subjects.every((subject) => pattern.test(subject)), why),
  );

export const digits = v.pipe(v.string(), v.regex(/^\d{1,20}$/, 'not a number in digits'));
