import * as v from 'valibot';

/** Returns the schema of a whole number of a configuration. Its message names the bounds. */
export const wholeNumber = (least: number, most: number) => {
  const allowed = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(),
    v.integer(allowed),
    v.minValue(least, allowed),
    v.maxValue(most, allowed),
  );
};
