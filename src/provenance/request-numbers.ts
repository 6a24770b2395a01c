/** Numbers in the request of the user. */

/** The kinds of sinks whose values are numbers, and not the ids of something. */
const NUMBER_KINDS: readonly string[] = ['number', 'amount', 'count', 'quantity', 'percentage'];

export const isNumberKind = (kind: string | undefined): boolean =>
  kind !== undefined && NUMBER_KINDS.includes(kind);

/** `1,000` has commas between groups of three. `-` counts only at the start of a word. */
const NUMBERS =
  /(?<![\p{L}\p{M}\p{N}\p{Pc}\p{Cf}@.,+\-/:\\%&=?#~*|^])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\p{L}\p{M}\p{N}\p{Pc}\p{Cf}@+\-/\\&=#~*|^]|[.,:]\d)/gu;

/** Returns whether a request has the number, alone, with or without a sign of a currency. */
export const numberStandsIn = (request: string, number: number): boolean =>
  (request.match(NUMBERS) ?? []).some((one) => Number(one.replaceAll(',', '')) === number);
