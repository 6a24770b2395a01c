/** A statement of a policy, and where it starts. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Returns the statement that decided, if one did: an outcome names it as `file:line`. */
export function placeOf({
  rule,
  ruleText,
}: {
  readonly rule?: string;
  readonly ruleText?: string;
}): Place | undefined {
  if (rule === undefined || ruleText === undefined) return undefined;
  const at = rule.lastIndexOf(':');
  return { file: rule.slice(0, at), line: Number(rule.slice(at + 1)), text: ruleText };
}
