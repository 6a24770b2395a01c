import { defineCommand, NO, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { FILTER_FLAGS, isFiltered, readFilters } from './filters.ts';
import { searchPages } from './pages.ts';
import { lineOf } from './show.ts';

export const auditSearch = defineCommand({
  name: 'audit search',
  summary: 'find records in the audit logs',
  description: `Prints the records that all flags match, one in a line, oldest first. Names are compared exactly: copy them from another record. The search uses an index, so it does not read the whole logs.

A subject whose key is erased finds nothing. With HEWN_OPERATOR, the credential of an auditor is enough.`,
  flags: { ...FILTER_FLAGS, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn audit search --agent https://idp.example#report-agent --code no_grant --since 24h',
    'hewn audit search --workflow wf_7Qx... --tree --json',
  ],
  exitCodes: { 0: 'at least one record was found', 1: 'no record was found' },
  run: async ({ flags }, context) => {
    const query = readFilters(flags, context.now());
    if (!query.ok) return query;
    if (!isFiltered(query.value)) {
      context.err('no flag narrows the search, so every record is printed');
    }
    let found = 0;
    for await (const page of searchPages(context, flags, query.value)) {
      if (!page.ok) return page;
      for (const one of page.value)
        context.out(flags.json ? JSON.stringify(one) : lineOf(context, one));
      found += page.value.length;
    }
    return found > 0 ? YES : NO;
  },
});
