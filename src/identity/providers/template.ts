import * as v from 'valibot';
import { entryName, exactText, exactTexts } from '../schema.ts';

/**
 * Expands the few options that differ between deployments to a complete OIDC entry. The result is
 * validated by the same schema as an entry that was written by hand.
 */
export interface Template {
  readonly options: v.GenericSchema;
  /** `options` has passed the schema. */
  entry(options: never): Readonly<Record<string, unknown>>;
}

export const template = <Schema extends v.GenericSchema>(
  options: Schema,
  entry: (options: v.InferOutput<Schema>) => Readonly<Record<string, unknown>>,
): Template => ({ options, entry });

/** The options that every template has. */
export const common = {
  kind: v.string(),
  name: entryName,
  audience: exactText,
  claims: v.exactOptional(v.array(exactText)),
};

/** A shared issuer signs for everyone with an account, so its subjects must always be listed. */
export const subjectsLike = (pattern: RegExp, why: string) =>
  v.pipe(
    exactTexts,
    v.check((subjects) => subjects.every((subject) => pattern.test(subject)), why),
  );

export const digits = v.pipe(v.string(), v.regex(/^\d{1,20}$/, 'not a number in digits'));
