import * as v from 'valibot';

export interface Member {
  readonly schema: v.GenericSchema;
  /** The noun phrase of `v.description`. */
  readonly description: string | undefined;
  readonly isOptional: boolean;
}

/** Returns the members of an object, or of every variant of one, by name. */
export function membersOf(schema: v.GenericSchema): ReadonlyMap<string, Member> {
  if ('options' in schema) {
    const options = schema.options as readonly v.GenericSchema[];
    const all = options.flatMap((option) => [...membersOf(option)]);
    // A member that one variant lacks is optional.
    return new Map(
      all.map(([name, member]) => {
        const isShared = options.every((option) => membersOf(option).has(name));
        return [name, { ...member, isOptional: member.isOptional || !isShared }];
      }),
    );
  }
  const entries = 'entries' in schema ? (schema.entries as Record<string, v.GenericSchema>) : {};
  return new Map(Object.entries(entries).map(([name, entry]) => [name, memberOf(entry)]));
}

function memberOf(entry: v.GenericSchema): Member {
  const isOptional = entry.type === 'optional';
  const inner = isOptional && 'wrapped' in entry ? (entry.wrapped as v.GenericSchema) : entry;
  const description = v.getDescription(entry as never) ?? v.getDescription(inner as never);
  return { schema: inner, description, isOptional };
}

/**
 * Says which member is wrong and what is expected there. Only names and descriptions of the
 * contract are in the text, never what was sent: a body may contain a credential.
 */
export function describeFault(
  what: 'body' | 'query',
  schema: v.GenericSchema,
  issues: readonly v.BaseIssue<unknown>[] = [],
): string {
  const members = membersOf(schema);
  const name = String(issues[0]?.path?.[0]?.key ?? '');
  const member = members.get(name);
  if (member) {
    return `The ${what} is invalid at "${name}". Expected: ${member.description ?? 'another value'}.`;
  }
  const all = [...members].map(([each, { isOptional }]) => (isOptional ? `${each}?` : each));
  return `The ${what} must be an object with exactly these members: ${all.join(', ')}.`;
}
